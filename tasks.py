"""Everything that `make` does, on any system: python tasks.py book

Python's standard library is enough: the first task that needs an environment creates it. Settings
follow the task, as with make: python tasks.py test DEVICE=cuda
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent
BOOK = ROOT / "book"
TOOLS = BOOK / "_tools"
SETTINGS = {
    "VENV": ".venv",  # where the environment lies
    "DEVICE": "cpu",  # what tests and notebooks compute on: cpu, cuda, cuda:1, mps
    "COURSE": "course",  # where a class's notebooks and grades lie
    "REPO": "",  # owner/name, for publish-as
    "COLAB": "",  # for test-colab: --newest asks for the versions that Colab has today
    "UPGRADE": "",  # for requirements: --upgrade takes newer tools
}
# what the extensions in _config.yml need besides Jupyter Book
SPHINX = (
    "sphinx", "sphinx-book-theme", "myst-nb", "sphinx-togglebutton", "sphinx-copybutton",
    "sphinx-comments", "sphinx-external-toc", "sphinxcontrib-bibtex", "sphinx-design",
    "sphinx-sitemap", "sphinxext-opengraph[social-cards]", "latex2mathml", "griffelib", "pillow",
)  # fmt: skip
PROCESSES = min(os.cpu_count() or 2, 8)
# more threads than cores slow torch tenfold
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
UTF8 = {"PYTHONUTF8": "1"}  # nbgrader writes names as the system does, in a table for everybody

Task = Callable[[], None]
TASKS: dict[str, Task] = {}


def task(function: Task) -> Task:
    TASKS[function.__name__.replace("_", "-")] = function
    return function


# ---------------------------------------------------------------- programs and their environment


def run(*command: object, folder: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Run a program and wait; if it fails, end with its exit status."""
    words = [str(word) for word in command]
    status = subprocess.run(words, cwd=folder, env=os.environ | (env or {})).returncode
    if status:
        print("failed:", *words, file=sys.stderr, flush=True)
        sys.exit(status)


def tool(name: str) -> Path:
    """A program of the environment, which is created where there is none."""
    venv = ROOT / SETTINGS["VENV"]
    programs = venv / ("Scripts" if os.name == "nt" else "bin")
    lock, ranges = ROOT / "requirements.lock", ROOT / "requirements.txt"
    ready, needs = venv / ".ready", [lock, ranges, ROOT / "pyproject.toml"]
    if not ready.exists() or ready.stat().st_mtime < max(file.stat().st_mtime for file in needs):
        run(sys.executable, "-m", "venv", venv)
        install = (programs / "python", "-m", "pip", "install", "--quiet")
        run(*install, "--upgrade", "pip")
        run(*install, "--require-hashes", "-r", lock)  # the tools, in one version each
        run(*install, "-r", ranges)  # the package and its needs, in the newest
        ready.touch()
    return programs / name


def python(*arguments: object, env: Mapping[str, str] | None = None) -> None:
    run(tool("python"), *arguments, env=env)


def notebooks_of_the_book() -> list[Path]:
    """The lessons, then the evidence for them."""
    return [*sorted(BOOK.glob("*.ipynb")), *sorted(BOOK.glob("evidence/*.ipynb"))]


def exercise_sources() -> list[Path]:
    return sorted((BOOK / "exercises" / "source").glob("*/*.ipynb"))


# ---------------------------------------------------------------- the book


def build(output: Path = ROOT) -> Path:
    """Build the site strictly from the stored outputs; returns the folder of its pages."""
    strict = ("-W", "-n", "--keep-going", "--all")
    run(tool("jupyter-book"), "build", ROOT, "--path-output", output, *strict)
    return output / "_build" / "html"


@task
def book() -> None:
    """Build the site into _build/html (from the stored outputs, in seconds)"""
    print("Open", (build() / "index.html").relative_to(ROOT))


def deployed(output: Path = ROOT) -> Path:
    """Build the site as readers get it, from nothing: no page of an earlier book stays behind."""
    shutil.rmtree(output / "_build" / "html", ignore_errors=True)
    pages = build(output)
    python(TOOLS / "deploy.py", pages)
    return pages


@task
def site() -> None:
    """The same as readers get it: light pages, each with its Content-Security-Policy"""
    print("Open", (deployed() / "index.html").relative_to(ROOT))


@task
def book_sphinx() -> None:
    """Build the site without Jupyter Book, with the newest Sphinx, into _build/sphinx"""
    # Of 2026's that is Sphinx 9.2 on Python 3.13, and 9.0 on 3.11, both strict and without a
    # warning; sphinx-design wants one below 10.
    copy, venv = ROOT / "_build" / "sphinx", ROOT / f"{SETTINGS['VENV']}-sphinx"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(BOOK, copy / "book")
    shutil.copytree(ROOT / "ae_course", copy / "ae_course")  # its pages are made from the source
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy(ROOT / name, copy)
    run(tool("jupyter-book"), "config", "sphinx", copy)
    config = (copy / "conf.py").read_text(encoding="utf-8")
    for extension in ("jupyter_book", "sphinx_jupyterbook_latex"):
        config = config.replace(f"'{extension}', ", "")
    (copy / "conf.py").write_text(config, encoding="utf-8")
    run(sys.executable, "-m", "venv", venv)
    own = venv / tool("python").relative_to(ROOT / SETTINGS["VENV"])
    run(own, "-m", "pip", "install", "--quiet", "--upgrade", *SPHINX)
    strict = ("-W", "-n", "--keep-going", "--quiet")
    path = {"PYTHONPATH": str(copy / "book" / "_ext")}
    run(own, "-m", "sphinx", *strict, copy, copy / "_build" / "html", env=path)


@task
def pdf() -> None:
    """The whole book as one PDF, in _build; the next build links it"""
    chromium()
    python(TOOLS / "pdf.py")


@task
def links() -> None:
    """Ask every address that the book names whether it is there (needs a network)"""
    run(tool("jupyter-book"), "build", ROOT, "--builder", "linkcheck")


@task
def publish_as() -> None:
    """Write the repository's address everywhere: publish-as REPO=owner/name"""
    python(TOOLS / "stamp.py", SETTINGS["REPO"])


# ---------------------------------------------------------------- tests

seconds: dict[str, float] = {}  # by kind of test
counts: dict[str, int] = {}
slowest: dict[str, float] = {}  # seconds by file


@contextmanager
def timed(kind: str) -> Iterator[None]:
    began = time.perf_counter()
    try:
        yield
    finally:
        seconds[kind] = seconds.get(kind, 0) + time.perf_counter() - began


def pytest(kind: str, *arguments: object, env: Mapping[str, str] | None = None) -> None:
    """Run pytest, and read from its report how many tests ran and how long each file took."""
    report = ROOT / SETTINGS["VENV"] / "reports" / f"{kind}.xml"
    report.unlink(missing_ok=True)
    always = {"AE_COURSE_DEVICE": SETTINGS["DEVICE"], "TQDM_DISABLE": "1"}
    try:
        with timed(kind):
            run(tool("pytest"), f"--junit-xml={report}", *arguments, env={**always, **(env or {})})
    finally:
        if report.exists():
            read_report(kind, report)


def read_report(kind: str, report: Path) -> None:
    cases = list(ElementTree.parse(report).iter("testcase"))
    counts[kind] = counts.get(kind, 0) + len(cases)
    for case in cases:
        file = case.attrib["classname"]
        slowest[file] = slowest.get(file, 0) + float(case.attrib["time"])


def summary() -> str:
    """How many tests of each kind ran, and where the minutes went."""
    rows = [(kind, counts.get(kind, ""), spent) for kind, spent in seconds.items()]
    rows.append(("all", sum(counts.values()), sum(seconds.values())))
    lines = [f"{kind:10}{count:>6} tests" if count else f"{kind:16}" for kind, count, _ in rows]
    lines = [f"{line:18}{row[2] / 60:6.1f} min" for line, row in zip(lines, rows, strict=True)]
    worst = sorted(slowest.items(), key=lambda item: -item[1])[:5]
    files = [f"  {name}: {spent:.0f} s" for name, spent in worst]
    return "\n".join(["", *lines, *(["the longest files:"] if files else []), *files])


def one_site() -> dict[str, str]:
    """The built book, once for all tests that look at it."""
    if not os.environ.get("AE_COURSE_SITE"):
        with timed("site"):
            os.environ["AE_COURSE_SITE"] = str(deployed(ROOT / "_build" / "tests"))
    return {"AE_COURSE_SITE": os.environ["AE_COURSE_SITE"]}


@task
def test() -> None:
    """Check style and types, then run all tests and every notebook (fast)"""
    lint()
    test_unit()
    browser()
    test_notebooks()


@task
def lint() -> None:
    """Check style, types and which part of the package imports which"""
    with timed("style"):
        run(tool("ruff"), "check", ".")
        run(tool("ruff"), "format", "--check", ".")
        run(tool("codespell"))
        run(tool("mypy"))
        run(tool("lint-imports"))


@task
def test_unit() -> None:
    """Run the tests of the package and of the book, without a browser"""
    pytest("unit", "-n", PROCESSES, "--ignore=tests/browser", env=ONE_THREAD | one_site())


@task
def chromium() -> None:
    """Install a Chromium for the browser tests, if none is found"""
    python(TOOLS / "chromium.py")


def browser() -> None:
    """First those that measure no time, side by side, then the others, with nothing beside them."""
    one_each = ONE_THREAD | one_site()
    side_by_side = ("-n", PROCESSES, "--dist", "loadgroup")
    pytest("browser", "tests/browser", "-m", "not timing", *side_by_side, env=one_each)
    pytest("timing", "tests/browser", "-m", "timing", env=one_site())


@task
def test_browser() -> None:
    """Drive the interactive figures and the pages in a browser"""
    chromium()
    browser()


@task
def test_all_pages() -> None:
    """Try every page for accessibility, in light and dark, and each lesson's speed (weekly)"""
    chromium()
    files = ("tests/browser/test_pages.py", "tests/browser/test_speed.py")
    pytest("all-pages", *files, env={"AE_COURSE_ALL_PAGES": "1", **one_site()})


def nbval(*options: object, env: Mapping[str, str]) -> None:
    compare = ("--nbval", "--nbval-current-env", "--nbval-sanitize-with", "tests/nbval.cfg")
    settings = ("-c", "tests/notebooks.ini", "--rootdir", ROOT, *compare)
    files = [*notebooks_of_the_book(), *exercise_sources()]
    plugins = [str(ROOT / "tests" / "kernel"), *filter(None, [env.get("PYTHONPATH")])]
    path = {"PYTHONPATH": os.pathsep.join(plugins)}  # tests/notebooks.ini names drive_labs
    pytest("notebooks", *settings, *options, *files, env={**env, **path})


@task
def test_notebooks() -> None:
    """Run every notebook on little data, without a network, against its stored outputs"""
    cache = {"XDG_CACHE_HOME": str(ROOT / SETTINGS["VENV"] / "cache")}
    python("-c", "import matplotlib.pyplot", env=cache)  # it lists the fonts once, and says so
    offline = {"AE_COURSE_DATA": "", "PYTHONPATH": str(ROOT / "tests" / "offline")}
    env = {"AE_COURSE_FAST": "1", **ONE_THREAD, **cache, **offline}
    nbval("-n", PROCESSES, "--dist", "loadfile", env=env)


@task
def test_notebooks_full() -> None:
    """The same on all of the data: two hours"""
    nbval(env={"AE_COURSE_FAST": "0"})


@task
def test_colab() -> None:
    """Run every lesson with Colab's Python and versions; COLAB=--newest: with today's"""
    run(sys.executable, "tests/colab/run.py", *SETTINGS["COLAB"].split())


@task
def benchmark() -> None:
    """Compare speed and memory with the textbook way (on a quiet machine)"""
    python("tests/benchmarks/bench_training.py")


@task
def benchmark_quality() -> None:
    """Time to the quality of ten textbook epochs (half an hour, on a quiet machine)"""
    python("tests/benchmarks/bench_quality.py")


@task
def benchmark_chapter() -> None:
    """All that the source chapter trains on images, to equal quality (an hour, quiet machine)"""
    python("tests/benchmarks/bench_chapter.py")


@task
def benchmark_language() -> None:
    """Character models: speed, then five seeds to the quality targets (ten minutes)"""
    python("tests/benchmarks/bench_language.py", "quality")


# ---------------------------------------------------------------- notebooks and exercises


@task
def notebooks() -> None:
    """Run every notebook in full and store normalised outputs"""
    python(TOOLS / "notebooks.py", "run", *notebooks_of_the_book())


@task
def notebooks_seeds() -> None:
    """Run every notebook in full with four other sets of seeds: do its claims hold? (hours)"""
    offsets = ("--offsets", 100, 200, 300, 400)
    python(TOOLS / "notebooks.py", "seeds", *notebooks_of_the_book(), *offsets)


@task
def refresh() -> None:
    """Put the present scripts of the interactive figures into the stored notebooks"""
    python(TOOLS / "notebooks.py", "refresh", *notebooks_of_the_book())


@task
def exercises() -> None:
    """Write the exercises and their solutions from the sources in book/exercises/source"""
    python(TOOLS / "exercises.py")


@task
def exercises_run() -> None:
    """The same, after running every source in full"""
    python(TOOLS / "exercises.py", "run")


@task
def lab() -> None:
    """Open the notebooks in JupyterLab"""
    run(tool("jupyter"), "lab", f"--notebook-dir={BOOK}")


# ---------------------------------------------------------------- a class


def with_programs() -> dict[str, str]:
    """A path that finds the environment's programs first, as if it were activated."""
    return {"PATH": os.pathsep.join([str(tool("python").parent), os.environ.get("PATH", "")])}


@task
def assignments() -> None:
    """Make the class's notebooks with nbgrader: see course/release"""
    course = ROOT / SETTINGS["COURSE"]
    course.mkdir(parents=True, exist_ok=True)
    if not (course / "source").exists():
        shutil.copytree(BOOK / "exercises" / "source", course / "source")
    if not (course / "nbgrader_config.py").exists():
        shutil.copy(TOOLS / "nbgrader_config.py", course)
    for source in exercise_sources():
        make = (tool("nbgrader"), "generate_assignment", source.stem, "--force")
        run(*make, "--log-level=WARN", folder=course, env=with_programs())


@task
def grades() -> None:
    """Grade what lies in course/submitted/<student>/<exercise>/, into course/grades.csv"""
    python(TOOLS / "grades.py", ROOT / SETTINGS["COURSE"], env=with_programs() | UTF8)


@task
def feedback() -> None:
    """Make a page for each student of each graded notebook, in course/feedback"""
    python(TOOLS / "grades.py", ROOT / SETTINGS["COURSE"], "feedback", env=with_programs() | UTF8)


@task
def slides() -> None:
    """Make a deck of slides for each lesson: see _build/slides/index.html"""
    python(TOOLS / "slides.py")


# ---------------------------------------------------------------- the package


@task
def requirements() -> None:
    """Write requirements.txt and .lock from pyproject.toml; UPGRADE=--upgrade: newer tools"""
    python(TOOLS / "requirements.py", *SETTINGS["UPGRADE"].split())


@task
def wheel() -> None:
    """Build the package's wheel into dist/"""
    for folder in ("dist", "build"):
        shutil.rmtree(ROOT / folder, ignore_errors=True)
    python("-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", "dist", ".")


@task
def clean() -> None:
    """Remove everything that the other tasks made"""
    caches = (".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".import_linter_cache")
    venv = SETTINGS["VENV"]
    made = [ROOT / name for name in ("_build", "build", "dist", venv, f"{venv}-sphinx", *caches)]
    for path in [*made, *ROOT.glob("*.egg-info")]:
        shutil.rmtree(path, ignore_errors=True)


def usage() -> str:
    width = max(map(len, TASKS)) + 2
    return "\n".join(f"{name:{width}}{function.__doc__}" for name, function in TASKS.items())


def main(words: list[str]) -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 (whoever calls this may have any Python)
        sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
    names = [word for word in words if "=" not in word]
    given = dict(word.split("=", 1) for word in words if "=" in word)
    for kind, unknown, known in (
        ("task", set(names) - set(TASKS), TASKS),
        ("setting", set(given) - set(SETTINGS), SETTINGS),
    ):
        if unknown:
            sys.exit(f"no {kind} {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    SETTINGS.update({name: os.environ[name] for name in SETTINGS if os.environ.get(name)})
    SETTINGS.update(given)
    if not names:
        print(usage())
    try:
        for name in names:
            TASKS[name]()
    finally:
        if seconds:
            print(summary())


if __name__ == "__main__":
    main(sys.argv[1:])
