//! Repositories that try to run a program when tfadir asks git about them.

use std::fs;
use std::path::{Path, PathBuf};

use snapbox::str;

use crate::common::{Directory, Run, Tfadir, entry, files};
use crate::git::{commit, git, init};

/// What an attack leaves behind if it runs.
fn mark(top: &Directory) -> PathBuf {
    top.path().join("ATTACKED")
}

/// Settings of git that run a program, of every kind that the commands of tfadir could reach.
fn armed_settings(mark: &Path) -> String {
    let attack = format!("echo $0 >>{}; false", mark.display());
    format!(
        "[core]\n\
         repositoryformatversion = 1\n\
         fsmonitor = \"{attack}\"\n\
         pager = \"{attack}\"\n\
         sshCommand = \"{attack}\"\n\
         editor = \"{attack}\"\n\
         alternateRefsCommand = \"{attack}\"\n\
         hooksPath = \"{mark}.hooks\"\n\
         [extensions]\n\
         partialClone = origin\n\
         [remote \"origin\"]\n\
         url = \"ext::sh -c '{attack}'\"\n\
         promisor = true\n\
         uploadpack = \"{attack}\"\n\
         [protocol \"ext\"]\n\
         allow = always\n\
         [gpg]\n\
         program = \"{attack}\"\n\
         [log]\n\
         showSignature = true\n\
         [diff]\n\
         external = \"{attack}\"\n\
         [diff \"x\"]\n\
         command = \"{attack}\"\n\
         textconv = \"{attack}\"\n\
         [filter \"x\"]\n\
         clean = \"{attack}; cat\"\n\
         smudge = \"{attack}; cat\"\n\
         required = true\n\
         [filter \"a=b.c\"]\n\
         process = \"{attack}\"\n\
         [pager]\n\
         diff = \"{attack}\"\n\
         [credential]\n\
         helper = \"!{attack}\"\n",
        mark = mark.display()
    )
}

/// Hooks next to the mark, and attributes that apply all filters.
fn arm(top: &Directory, folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mark = mark(top);
    let hooks = mark.with_extension("hooks");
    fs::create_dir_all(&hooks).unwrap();
    for name in ["post-index-change", "reference-transaction", "pre-commit"] {
        let hook = hooks.join(name);
        fs::write(
            &hook,
            format!("#!/bin/sh\necho hook >>{}\n", mark.display()),
        )
        .unwrap();
        fs::set_permissions(hook, fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::write(
        folder.join(".gitattributes"),
        "*.json filter=x diff=x\n*.toml filter=a=b.c\n",
    )
    .unwrap();
}

/// Replaces the settings of a repository, whose folder for git this is.
fn arm_settings(top: &Directory, git_folder: &Path) {
    fs::write(git_folder.join("config"), armed_settings(&mark(top))).unwrap();
}

/// The root in a subfolder of its repository, on a branch that changes it.
fn repository() -> Directory {
    let top = Directory::empty()
        .file("data/directory.toml", "[feed]\nenabled = true\n")
        .file(
            "data/entries/g/good.example.json",
            entry("Good", "good.example"),
        );
    init(top.path());
    commit(&top);
    git(top.path(), &["switch", "--quiet", "--create", "work"]);
    let top = top.file(
        "data/entries/n/new.example.json",
        entry("New", "new.example"),
    );
    commit(&top);
    // The index no longer knows whether this file changed, so that git compares the content.
    let path = "data/entries/g/good.example.json";
    top.file(path, entry("Good", "good.example").replace("totp", "u2f"))
}

/// Runs every command that asks git, from the folder that contains the root and from the root.
fn run_all(folder: &Path, root: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    for args in [
        &["check", "--changed-since", "main"][..],
        &["check", "--changed-since", "main", "--format", "github"],
        &["links", "--changed-since", "main"],
        &["diff"],
        &["diff", "main", "HEAD"],
        &["stats", "main"],
        &["build", "--unsigned"],
        &["build", "--unsigned", "--release"],
    ] {
        let from_outside = [args, &["--root", root]].concat();
        runs.push(Tfadir::new(&from_outside).folder(folder).run());
        runs.push(Tfadir::new(args).folder(&folder.join(root)).run());
    }
    runs
}

fn assert_unharmed(top: &Directory) {
    let mark = mark(top);
    assert!(!mark.exists(), "{}", fs::read_to_string(mark).unwrap());
}

#[test]
fn a_bare_repository_in_a_commit_is_refused_and_runs_nothing() {
    for files in [&["objects/x", "refs/x"][..], &["commondir"]] {
        let mut top = repository().file("data/HEAD", "0123456789012345678901234567890123456789\n");
        for path in files {
            top = top.file(&format!("data/{path}"), "../.git\n");
        }
        arm_settings(&top, &top.path().join("data"));
        arm(&top, &top.path().join("data"));
        for run in run_all(top.path(), "data") {
            // Without a release or a base, a build does not need the commit.
            if run.stderr.contains("Built") {
                run.says("` would be used as a git repository");
                continue;
            }
            run.ends_with(2).reports(str![[r#"
error: `[ROOT][..]` would be used as a git repository, but its files may be part of a commit
 help: remove it; a repository is a folder named `.git`, or a bare one named `….git` that is in no working tree

"#]]);
        }
        assert_unharmed(&top);
    }
}

#[test]
fn the_settings_of_a_repository_run_nothing() {
    let top = repository();
    arm(&top, &top.path().join("data"));
    arm_settings(&top, &top.path().join(".git"));
    for run in run_all(top.path(), "data") {
        run.ends_with(0);
    }
    assert_unharmed(&top);

    // A missing object is not fetched.
    for (path, _) in files(&top.path().join(".git/objects")) {
        fs::remove_file(top.path().join(".git/objects").join(path)).unwrap();
    }
    for run in run_all(top.path(), "data") {
        if run.stderr.contains("Built") {
            run.says("this partial clone lacks objects that tfadir needs: ");
            continue;
        }
        run.ends_with(2).reports(str![[r#"
error: this partial clone lacks objects that tfadir needs: [..]
 help: run `git fetch --refetch --no-filter`, or clone the repository without `--filter`

"#]]);
    }
    assert_unharmed(&top);
}

#[test]
fn the_settings_of_a_linked_worktree_run_nothing() {
    let top = repository();
    git(
        top.path(),
        &["worktree", "add", "--quiet", "linked", "HEAD"],
    );
    let linked = top.path().join("linked");
    arm(&top, &linked.join("data"));
    arm_settings(&top, &top.path().join(".git"));
    let changed = entry("Good", "good.example").replace("totp", "sms");
    fs::write(linked.join("data/entries/g/good.example.json"), changed).unwrap();
    for run in run_all(&linked, "data") {
        run.ends_with(0);
    }
    assert_unharmed(&top);
}

#[test]
fn the_settings_of_a_submodule_run_nothing() {
    let module = repository();
    let top = Directory::empty().file("README.md", "x");
    init(top.path());
    commit(&top);
    let url = module.path().to_str().unwrap();
    let add = [
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        url,
        "module",
    ];
    git(top.path(), &add);
    let inside = top.path().join("module");
    git(&inside, &["branch", "main", "origin/main"]);
    arm(&top, &inside.join("data"));
    arm_settings(&top, &top.path().join(".git/modules/module"));
    let changed = entry("Good", "good.example").replace("totp", "sms");
    fs::write(inside.join("data/entries/g/good.example.json"), changed).unwrap();
    for run in run_all(&inside, "data") {
        run.ends_with(0);
    }
    assert_unharmed(&top);
}

#[test]
fn a_repository_in_the_working_tree_is_refused() {
    // A `.git` file that leads to files of the working tree, and objects that are borrowed from there.
    for (path, content, planted) in [
        (".git", "gitdir: planted\n", "planted"),
        (".git", "gitdir: ./planted\r\n\n", "planted"),
        (".git/commondir", "../planted", "planted"),
        (
            ".git/objects/info/alternates",
            "../../planted/objects\n",
            "planted/objects",
        ),
        // git reads the escaped form too.
        (
            ".git/objects/info/alternates",
            "\"../../planted/objects\"\n",
            "planted/objects\"",
        ),
    ] {
        let top = repository();
        git(top.path(), &["clone", "--quiet", "--bare", ".", "planted"]);
        arm(&top, &top.path().join("data"));
        arm_settings(&top, &top.path().join("planted"));
        if path == ".git" {
            fs::remove_dir_all(top.path().join(path)).unwrap();
        }
        let top = top.file(path, content);
        for run in run_all(top.path(), "data") {
            run.says(&format!("{planted}` would be used as a git repository"));
        }
        assert_unharmed(&top);
    }
    // One that leads elsewhere is used, but runs nothing.
    let top = repository();
    let elsewhere = Directory::empty();
    let target = elsewhere.path().join("moved");
    arm_settings(&top, &top.path().join(".git"));
    arm(&top, &top.path().join("data"));
    fs::rename(top.path().join(".git"), &target).unwrap();
    let top = top.file(".git", format!("gitdir: {}\n", target.display()));
    for run in run_all(top.path(), "data") {
        run.ends_with(0);
    }
    assert_unharmed(&top);
}

#[test]
fn settings_and_attributes_in_other_files_run_nothing() {
    for worktree in ["", "worktree = /\n"] {
        let top = repository();
        arm(&top, &top.path().join("data"));
        let mark = mark(&top);
        let armed = armed_settings(&mark);
        let settings = format!(
            "[core]\n\
             repositoryformatversion = 1\n\
             attributesFile = {attributes}\n\
             {worktree}\
             [extensions]\n\
             worktreeConfig = true\n\
             [include]\n\
             path = included\n\
             [includeIf \"gitdir:/\"]\n\
             path = ../data/included\n\
             [url \"ext::sh -c 'touch {mark}' \"]\n\
             insteadOf = /\n",
            attributes = top.path().join("data/.gitattributes").display(),
            mark = mark.display(),
        );
        let top = top
            .file(".git/config", settings)
            .file(".git/config.worktree", &armed)
            .file(".git/included", &armed)
            .file("data/included", &armed)
            .file(".git/info/attributes", "* filter=x diff=x\n");
        for run in run_all(top.path(), "data") {
            run.ends_with(0);
        }
        assert_unharmed(&top);
    }
}

/// As in a hook, or if somebody else chose them.
#[test]
fn variables_for_git_run_nothing_and_lead_to_no_other_repository() {
    let top = repository();
    let other = Directory::new();
    init(other.path());
    commit(&other);
    arm_settings(&top, &other.path().join(".git"));
    let mark = mark(&top);
    let attack = format!("touch {}", mark.display());
    let (git_folder, objects) = (other.path().join(".git"), other.path().join(".git/objects"));
    let places = [
        ("GIT_DIR", &git_folder),
        ("GIT_COMMON_DIR", &git_folder),
        ("GIT_OBJECT_DIRECTORY", &objects),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", &objects),
        ("GIT_INDEX_FILE", &mark),
        ("GIT_TRACE", &mark),
        ("GIT_TRACE2_EVENT", &mark),
    ];
    for args in [
        &["check", "--changed-since", "main"][..],
        &["diff"],
        &["stats", "main"],
        &["links", "--changed-since", "main"],
    ] {
        let root = top.path().join("data");
        let expected = Tfadir::new(args).folder(&root).run().ends_with(0);
        let mut run = Tfadir::new(args)
            .folder(&root)
            .env("GIT_WORK_TREE", other.path())
            .env("GIT_NAMESPACE", "x")
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", "core.fsmonitor")
            .env("GIT_CONFIG_VALUE_0", &attack);
        for name in [
            "EXTERNAL_DIFF",
            "SSH_COMMAND",
            "PROXY_COMMAND",
            "ASKPASS",
            "PAGER",
            "EDITOR",
        ] {
            run = run.env(&format!("GIT_{name}"), &attack);
        }
        for (name, place) in places {
            run = run.env(name, place);
        }
        let run = run.run().ends_with(0);
        assert_eq!(run.stdout, expected.stdout, "{args:?}");
        assert_unharmed(&top);
    }
}
