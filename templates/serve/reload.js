// Used by `tfadir serve` only: reloads the page after each build.
const { build } = document.currentScript.dataset;

new EventSource("/.tfadir/events").addEventListener("message", (event) => {
  if (event.data !== build) {
    location.reload();
  }
});
