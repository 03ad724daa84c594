use super::*;
use crate::source::{Kind, Verb};

fn file(path: &str) -> Arc<SourceFile> {
    let text = format!("{{\"{path}\": {{}}}}");
    Arc::new(SourceFile::from_bytes(
        path.into(),
        Kind::Entry,
        text.as_bytes(),
        None,
    ))
}

fn fix_with(title: FixTitle, change: Change) -> Fix {
    Fix {
        title,
        change,
        alters_output: false,
    }
}

fn moved(from: &str, to: &str) -> Fixed {
    Fixed {
        before: file(from),
        after: file(to),
        fixes: vec![fix_with(Verb::Move.title("it"), Change::Move(to.into()))],
    }
}

#[test]
fn rounds_on_one_file_are_one_record() {
    let mut record = Record::default();
    record.extend(vec![moved("a", "b"), moved("b", "a")]);
    let formatted = Fixed {
        fixes: vec![fix_with(FixTitle::reformat(), Change::Format)],
        ..moved("b", "b")
    };
    record.extend(vec![formatted]);
    record.extend(vec![moved("b", "d")]);
    let paths: Vec<_> = record
        .fixed
        .iter()
        .map(|file| (file.path(), file.moved_to().unwrap()))
        .collect();
    assert_eq!(
        paths,
        [("a", "d"), ("b", "a")].map(|(from, to)| (Path::new(from), Path::new(to)))
    );
    assert_eq!(
        record.fixed[0].infinitives(),
        ["move it", "reformat it", "move it"]
    );
    assert_eq!(record.first_path(Path::new("d")), Path::new("a"));
}

/// The moves that are possible together, of those from a path to another.
fn possible(files: &[&str], wanted: &[(&str, &str)]) -> Vec<(String, String)> {
    let tree = Tree {
        files: files.iter().map(|path| file(path)).collect(),
        ..Tree::default()
    };
    let all: Vec<Fix> = wanted
        .iter()
        .map(|(_, to)| fix_with(Verb::Move.title("it"), Change::Move(to.into())))
        .collect();
    let by_file = wanted
        .iter()
        .zip(&all)
        .map(|((from, _), fix)| (Path::new(*from), vec![fix]))
        .collect();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let mut moves: Vec<_> = moves::possible(&tree, &by_file)
        .into_iter()
        .map(|(from, to)| (text(from), text(to)))
        .collect();
    moves.sort();
    moves
}

#[test]
fn files_are_moved_to_paths_that_are_free_or_become_free() {
    let is_possible = |files: &[&str], wanted: &[(&str, &str)]| {
        let moves = possible(files, wanted);
        wanted
            .iter()
            .map(|(from, to)| moves.contains(&((*from).to_owned(), (*to).to_owned())))
            .collect::<Vec<bool>>()
    };
    assert_eq!(is_possible(&["a"], &[("a", "x/b")]), [true]);
    assert_eq!(is_possible(&["a", "b"], &[("a", "b")]), [false]);
    assert_eq!(
        is_possible(&["a", "b"], &[("a", "b"), ("b", "a")]),
        [true, true]
    );
    let chain = [("a", "b"), ("b", "c"), ("c", "d")];
    assert_eq!(is_possible(&["a", "b", "c"], &chain), [true, true, true]);
    assert_eq!(
        is_possible(&["a", "b", "c", "d"], &chain),
        [false, false, false]
    );
    assert_eq!(
        is_possible(&["a", "b"], &[("a", "c"), ("b", "c")]),
        [true, false]
    );
    // In the tree, a link to a folder is a file.
    assert_eq!(is_possible(&["a", "x"], &[("a", "x/b")]), [false]);
}
