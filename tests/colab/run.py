"""Run lessons as Colab does: its Python and versions, a folder with nothing but the notebook.

    python tests/colab/run.py [--python PYTHON] [--newest] [--list] [book/12-pca.ipynb ...]

Package and notebooks are those of the last commit, the package as the archive that the setup cell
fetches. Colab's Python is `--python`, or PATH's; where neither is there, and this is Debian and
root runs it, a small Debian that has it is made below .venv/colab and entered by chroot. `--newest`
asks for the versions that Colab has today (needs GitHub). The notebooks run fast and are compared
with their stored outputs.
"""

import argparse
import functools
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".venv" / "colab"
VERSIONS = ROOT / "tests" / "colab" / "requirements.txt"
JUDGES = ("nbval.cfg", "notebooks.ini", "kernel/drive_labs.py")
PYTHON = "3.13"  # Colab's
RELEASE = "trixie"  # the Debian that has it
FREEZE = "https://raw.githubusercontent.com/googlecolab/backend-info/main/pip-freeze.txt"
HELP = f"""No Python {PYTHON} was found, and none could be installed. Name one (--python), put one
on PATH, or run this as root on Debian or Ubuntu, where debootstrap installs one."""
# the last two: no files of the learner's machine, and a home as empty as Colab's
ENVIRONMENT = {
    "AE_COURSE_FAST": "1",
    "AE_COURSE_DEVICE": "cpu",
    "OMP_NUM_THREADS": "1",  # on a busy machine more threads than cores slow torch tenfold
    "TQDM_DISABLE": "1",  # ipywidgets 7 leaves the text of closed progress bars in a cell's output
    "AE_COURSE_DATA": "",
    "XDG_CACHE_HOME": "",
}


def is_right(python: str) -> bool:
    """Whether this program is Python in Colab's version. (A version manager's may be none.)"""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return answer.stdout.strip() == PYTHON


def small_debian() -> Path:
    """The folder of a Debian that has Colab's Python; made where it is not there yet."""
    root = FOLDER / RELEASE
    if (root / "ready").exists():
        return root
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        sys.exit(HELP)
    if shutil.which("debootstrap") is None:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "debootstrap"], check=True)
    shutil.rmtree(root, ignore_errors=True)
    # from the mirror that this machine's own Debian comes from, if it is one
    listed = ["--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian"]
    mirrors = subprocess.run(
        ["apt-get", "indextargets", *listed], capture_output=True, text=True, check=True
    ).stdout.split()
    packages = "--include=python3,python3-venv,ca-certificates"
    command = ["debootstrap", "--variant=minbase", packages, RELEASE, str(root), *mirrors[:1]]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    # the way to the network and to packages, as here
    certificates = Path("/etc/ssl/certs/ca-certificates.crt")
    settings = (Path("/etc/resolv.conf"), Path("/etc/hosts"), Path("/etc/pip.conf"), certificates)
    for path in (*settings, *Path("/etc/xdg/pip").glob("*")):
        if path.exists():
            copy = root / path.relative_to("/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    (root / "ready").touch()
    return root


def newest(listed: str, freeze: str) -> str:
    """The list of versions, each as `freeze` has it, what ``pip freeze`` prints in Colab."""
    names = re.findall(r"^([a-z-]+)", listed, re.M)
    for name in names:
        found = re.search(rf"^{name}(?:==| @ \S*/{name}-)(\d+(?:\.\d+)*)", freeze, re.M | re.I)
        if found:
            listed = re.sub(rf"^{name}(==.*)?$", f"{name}=={found[1]}", listed, flags=re.M)
    return listed


def unpack(archive: bytes, chosen: list[str], folder: Path) -> list[str]:
    """Put each notebook of the archive into a folder of its own; returns where they lie."""
    names = []
    with tarfile.open(fileobj=io.BytesIO(archive)) as course:
        for member in course.getnames():
            path = member.partition("/")[2]
            taken = re.fullmatch(r"book/(evidence/)?\d\d-[^/]*\.ipynb", path)
            if path in chosen or (not chosen and taken):
                lesson = Path("lessons", *Path(path).with_suffix("").parts[1:], Path(path).name)
                (folder / lesson).parent.mkdir(parents=True)
                (folder / lesson).write_bytes(course.extractfile(member).read())
                names.append(str(lesson))
    return sorted(names)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebooks", nargs="*", help="all lessons and their evidence by default")
    parser.add_argument("--python", default=shutil.which(f"python{PYTHON}"))
    parser.add_argument("--newest", action="store_true", help="the versions of Colab's image today")
    options = parser.parse_args()
    python, root = options.python, None
    if not python or not is_right(python):
        python, root = "python3", small_debian()
    # as seen by what runs: inside the small Debian, `folder` has a name of its own
    folder = (root or FOLDER) / "work"
    inside = "/work" if root else str(folder)
    enter = functools.partial(os.chroot, root) if root else None
    source = {"AE_COURSE_SOURCE": f"{inside}/ae-course.tar.gz"}
    environment = (
        os.environ | ENVIRONMENT | source | {"PYTHONPATH": inside}
    )  # where drive_labs lies
    run = functools.partial(
        subprocess.run, cwd=folder, env=environment | {"HOME": inside}, preexec_fn=enter
    )

    shutil.rmtree(folder / "lessons", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    command = ["git", "archive", "--format=tar.gz", "--prefix=ae-course/", "HEAD"]
    archive = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    (folder / "ae-course.tar.gz").write_bytes(archive)
    for name in JUDGES:
        shutil.copy(ROOT / "tests" / name, folder)
    lessons = unpack(archive, options.notebooks, folder)
    versions = VERSIONS.read_text(encoding="utf-8")
    if options.newest:
        with urllib.request.urlopen(FREEZE, timeout=60) as answer:
            versions = newest(versions, answer.read().decode())
    (folder / "requirements.txt").write_text(versions, encoding="utf-8")

    own = "venv/bin/python"
    if not (folder / own).is_symlink():
        run([python, "-m", "venv", "venv"], check=True)
    run([own, "-m", "pip", "install", "-q", "-r", "requirements.txt"], check=True)
    # the first lesson fetches the package, as every one does in Colab
    run([own, "-m", "pip", "uninstall", "-q", "-y", "ae-course"], check=True)
    run([own, "-c", "import matplotlib.pyplot"], check=True)  # it lists the fonts once, and says so
    options = ["-c", "notebooks.ini", "--rootdir", ".", "--nbval-sanitize-with", "nbval.cfg"]
    pytest = [own, "-m", "pytest", *options, "--nbval", "--nbval-current-env", *lessons]
    sys.exit(run(pytest).returncode)


if __name__ == "__main__":
    main()
