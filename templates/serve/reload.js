// Part of `tfadir serve`, not of a build: reloads the page as soon as there is a newer build.
const { build } = document.currentScript.dataset;

new EventSource("/.tfadir/events").addEventListener("message", (event) => {
  if (event.data !== build) {
    location.reload();
  }
});
