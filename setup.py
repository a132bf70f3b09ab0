"""Maps the top-level folders of the checkout to subpackages of the one import package `tfjax`."""

from setuptools import find_packages, setup

FOLDERS = ("ir", "rules", "transpiler", "agents", "playbooks")

packages = [
    package
    for folder in FOLDERS
    for package in (folder, *(f"{folder}.{name}" for name in find_packages(folder)))
]
# Also where there is no package. The helpers are data, too: outputs carry them along.
DATA = [f"**/*.{kind}" for kind in ("rules", "lark", "json", "json.gz", "tsv", "md", "txt", "html")]
setup(
    packages=[f"tfjax.{package}" for package in packages],
    package_dir={f"tfjax.{folder}": folder for folder in FOLDERS},
    package_data={f"tfjax.{folder}": [*DATA, "helpers/*.py"] for folder in FOLDERS},
)
