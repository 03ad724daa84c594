"""Fails unless the files that are named are C# to a parser. Nothing is compiled."""

import sys
from pathlib import Path

import tree_sitter
import tree_sitter_c_sharp

parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c_sharp.language()))
faulty = [file for file in sys.argv[1:] if parser.parse(Path(file).read_bytes()).root_node.has_error]
if faulty:
    sys.exit(f"no C#: {', '.join(faulty)}")
