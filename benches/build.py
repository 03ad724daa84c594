#!/usr/bin/env python3
"""Measures `check` and `build` of a directory against a floor, the work that any program for the job must do: reading the
same files and, for a build, copying the output. Prints medians of CPU seconds on one core and of elapsed seconds on all
cores, their ratios and limits, and the peak memory. Runs all commands in turn.

    benches/build.py [CHECKOUT [ROUNDS]]

CHECKOUT is a clone of 2factorauth/twofactorauth, or by default the data set in ../shared/corpus, which has no icons. Needs
git, xargs and `cargo build --release`. The results are in benches/README.md. Exits with code 1 if a limit is exceeded.
"""

import os, shutil, statistics, subprocess, sys, tempfile, time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
CHECKOUT = Path(sys.argv[1] if len(sys.argv) > 1 else PROJECT / "../shared/corpus/2025-06-30").resolve()
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 11
TARGET = os.environ.get("CARGO_TARGET_DIR", PROJECT / "target")
TFADIR = Path(os.environ.get("TFADIR", f"{TARGET}/release/tfadir")).resolve()

# What is compared with what, and the highest ratio of CPU seconds.
LIMITS = [
    ("check", "read", 4.0),
    ("check --format github", "check", 1.3),
    ("check of a typo", "check", 3.0),
    ("build --unsigned", "read and copy", 1.5),
    ("build", "read and copy", 1.5),
    ("build again", "build", 0.5),
]


def main():
    with tempfile.TemporaryDirectory() as scratch:
        measured = measure(Path(scratch))
    exceeded = False
    for name, times in measured.items():
        cpu, seconds = (statistics.median(column) for column in list(zip(*times))[:2])
        peak = max(memory for _, _, memory in times)
        print(f"{name:<22} {cpu * 1000:7.0f} ms of CPU {seconds * 1000:7.0f} ms {peak / 1024:6.0f} MiB")
    for name, floor, limit in LIMITS:
        # Compare within each round, because a machine varies from minute to minute.
        pairs = zip(measured[name], measured[floor])
        ratio = statistics.median(ours[0] / theirs[0] for ours, theirs in pairs)
        exceeded |= ratio > limit
        print(f"{name:<22} {ratio:5.2f} × {floor} (at most {limit})")
    sys.exit(exceeded)


def measure(scratch):
    """The CPU seconds, the seconds and the peak memory in KiB of each command in each round."""
    root = repository(scratch)
    inputs = "\n".join(str(path) for path in root.rglob("*") if path.is_file() and ".git" not in path.parts)
    (scratch / "inputs").write_text(inputs)
    run(TFADIR, "key", "generate", "--email", "x@2fa.directory", "--out", scratch / "key.asc", "--no-passphrase")
    os.environ["GITHUB_STEP_SUMMARY"] = str(scratch / "summary")
    read = ["xargs", "-a", scratch / "inputs", "cat"]
    tfadir = [TFADIR, "--quiet", "--root", root]
    commands = {
        "read": [read],
        "read and copy": [read, ["cp", "-R", scratch / "built", scratch / "copy"]],
        "check": [[*tfadir, "check"]],
        "check --format github": [[*tfadir, "check", "--format", "github"]],
        "check of a typo": [
            [*tfadir, "check", "--changed-since", "HEAD~1", "--write", f"markdown={scratch}/comment"],
        ],
        "build --unsigned": [[*tfadir, "build", "--unsigned", "--out", scratch / "new"]],
        "build": [[*tfadir, "build", "--key", scratch / "key.asc", "--out", scratch / "signed"]],
        "build again": [[*tfadir, "build", "--key", scratch / "key.asc", "--out", scratch / "signed"]],
    }
    measured = {name: [] for name in commands}
    for round in range(ROUNDS + 1):
        for name, steps in commands.items():
            # A build does not stop at the typo, because the commit before it is checked out.
            git(root, "checkout", "--quiet", "typo" if name == "check of a typo" else "start")
            if not (scratch / "built").exists():
                run(*tfadir, "build", "--unsigned", "--out", scratch / "built")
            alone = [timed(step, {0}) for step in steps]
            for folder in ["copy", "new"] + ["signed"] * (name == "build"):
                shutil.rmtree(scratch / folder, ignore_errors=True)
            both = [timed(step, os.sched_getaffinity(0)) for step in steps]
            for folder in ["copy", "new"]:
                shutil.rmtree(scratch / folder, ignore_errors=True)
            # The first round warms up.
            if round > 0:
                cpu, seconds = (sum(column) for column in ([t[0] for t in alone], [t[1] for t in both]))
                measured[name].append((cpu, seconds, max(t[2] for t in alone)))
        shutil.rmtree(scratch / "signed")
    return measured


def repository(scratch):
    """A repository with the entries and icons of the checkout. The second commit adds a typo to an entry."""
    root = scratch / "root"
    for folder in ["entries", "img"]:
        if (CHECKOUT / folder).is_dir():
            shutil.copytree(CHECKOUT / folder, root / folder)
    git(root, "init", "--quiet")
    for tag in ["start", "typo"]:
        git(root, "add", ".")
        git(root, "-c", "user.name=x", "-c", "user.email=x@x.example", "commit", "--quiet", f"--message={tag}")
        git(root, "tag", tag)
        entry = root / "entries/g/github.com.json"
        entry.write_text(entry.read_text().replace('"totp"', '"topt"'))
    # A clone has its objects in one pack.
    git(root, "gc", "--quiet")
    return root


def git(root, *args):
    run("git", "-C", root, *args)


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def timed(command, cores):
    """The CPU seconds, the seconds and the peak memory in KiB of a command on these cores."""
    start = time.monotonic()
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    _, status, usage = os.wait4(process.pid, 0)
    # Exit code 1 means findings.
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"{command} failed")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - start, usage.ru_maxrss


main()
