"""Files and functions short enough to hold in the head."""

from tests.architecture.house import ROOT, body_lines, functions, sources

FILE_LINES, TEST_FILE_LINES, FUNCTION_LINES, TEMPLATE_LINES = 300, 400, 40, 120


def lines(path_text: str) -> int:
    return len(path_text.splitlines())


def test_python_files_are_short() -> None:
    bounds = [(path, FILE_LINES) for path in [*sources(), *sources("config")]]
    bounds += [(path, TEST_FILE_LINES) for path in sources("tests")]
    long = [f"{p.relative_to(ROOT)}: {n} lines" for p, bound in bounds if (n := lines(p.read_text())) > bound]
    assert not long, "\n".join(long)


def test_functions_are_short() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}: {length} lines"
        for path in [*sources(), *sources("config", "tests")]
        for function in functions(path)
        if (length := body_lines(function)) > FUNCTION_LINES
    ]
    assert not long, "\n".join(long)


def test_templates_are_short() -> None:
    templates = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "config" / "templates").rglob("*.html")]
    assert templates
    long = [
        f"{p.relative_to(ROOT)}: {n} lines" for p in templates if (n := lines(p.read_text())) > TEMPLATE_LINES
    ]
    assert not long, "\n".join(long)
