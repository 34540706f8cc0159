"""Does each recipe of harness/ci do what it says, as far as it can be run without its server?

The shell steps of the action are run with the variables that GitHub sets; what only a server knows (who
checks out, what an action of others does) is not tried.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CI = ROOT / "harness/ci"
BIN = Path(sys.executable).parent


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose gate judges one subject."""
    (tmp_path / "bufspec.toml").write_text('files = ["own_subjects.py"]\njobs = 1\n')
    subject(tmp_path, b"abc")
    return tmp_path


def subject(folder: Path, contents: bytes) -> None:
    """Let the subject hold these three bytes; only b"abc" is what it is declared to hold."""
    made = f'exporter("own.thing", expect=b"abc")(lambda: bytearray({contents!r}))'
    (folder / "own_subjects.py").write_text(f"from bufspec.declare import exporter\n{made}\n")


def loaded(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the programs that read recipes."""
    folder = tmp_path_factory.mktemp("tools")
    names = ("pre-commit", "check-jsonschema")
    for words in (["venv", folder], ["pip", "--python", folder, "install", "--quiet", *names]):
        assert call(sys.executable, "-m", *words, cwd=folder).returncode == 0
    return folder


def call(*words: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=os.environ | {"PATH": path} | variables,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


# GitHub


def run_action(project: Path, **inputs: str) -> tuple[int, str, str]:
    """The steps of the action as GitHub runs them: exit code, output, summary of the job."""
    action = loaded(ROOT / "action.yml")
    assert action["runs"]["using"] == "composite"
    known = action["inputs"]
    assert set(inputs) <= set(known)
    values = {name: inputs.get(name, one["default"]) for name, one in known.items()}

    def filled(text: str) -> str:
        return re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda match: values[match[1]], text)

    summary = project / "summary.md"
    summary.touch()
    output, code = "", 0
    for step in action["runs"]["steps"]:
        assert step["shell"] == "bash"
        assert "${{" not in step["run"], "what a caller passes is no code"
        if condition := step.get("if"):
            name, operator, wanted = re.fullmatch(r"inputs\.([a-z-]+) (==|!=) '(.*)'", condition).groups()  # type: ignore[union-attr]
            if (values[name] == wanted) != (operator == "=="):
                continue
        variables = {key: filled(text) for key, text in step.get("env", {}).items()}
        done = call(
            *("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]),
            cwd=project / filled(step.get("working-directory", ".")),
            GITHUB_STEP_SUMMARY=str(summary),
            **variables,
        )
        output, code = output + done.stdout + done.stderr, done.returncode
        if code:
            break
    return code, output, summary.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_action_judges_the_project_and_writes_the_summary(project: Path) -> None:
    code, output, summary = run_action(project, package="", arguments="--case request.*")
    assert code == 0, output
    assert "own.thing" in summary
    subject(project, b"abd")
    code, output, summary = run_action(project, package="", arguments="--case request.*")
    assert code == 1
    assert "own.thing" in summary


@pytest.mark.slow
def test_what_a_caller_of_the_action_passes_is_no_code(project: Path) -> None:
    code, output, _ = run_action(project, package="", arguments="$(touch owned) ;touch owned")
    assert code == 2, output
    assert not (project / "owned").exists()


@pytest.mark.slow
def test_the_action_runs_pairs_if_wanted_and_works_in_a_folder(project: Path) -> None:
    with (project / "bufspec.toml").open("a") as file:
        file.write('pairs = {exporters = ["own.*"], consumers = ["stdlib.zlib_crc32"]}\n')
    inner = project / "inner"
    inner.mkdir()
    for name in ("bufspec.toml", "own_subjects.py"):
        (project / name).rename(inner / name)
    code, output, _ = run_action(
        project,
        package="",
        arguments="--case request.word_0x00*",
        pairs="true",
        **{"working-directory": "inner"},
    )
    assert code == 0, output
    assert "1 pair" in output


def test_the_workflows_run_the_gate_and_may_only_read() -> None:
    workflow = loaded(CI / "github.yml")
    assert workflow["permissions"] == {"contents": "read"}
    (job,) = workflow["jobs"].values()
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands == ["python -m pip install . bufspec", 'bufspec check --markdown "$GITHUB_STEP_SUMMARY"']
    (job,) = loaded(CI / "gitlab.yml").values()
    assert job["script"] == [commands[0], "bufspec check --markdown bufspec.md"]
    assert job["artifacts"]["paths"] == ["bufspec.md"]


# The script for any machine


@pytest.mark.slow
def test_the_script_ends_as_the_gate_does(project: Path) -> None:
    # An environment that is there already: what pip would install is here.
    fake = project / "python"
    fake.write_text(
        "#!/bin/sh\n"
        'mkdir -p "$3/bin"\n'
        f'printf "#!/bin/sh\\necho pip \\"\\$@\\" >>installed\\n" >"$3/bin/python"\n'
        f'printf "#!/bin/sh\\nexec {BIN}/bufspec \\"\\$@\\" --case request.*\\n" >"$3/bin/bufspec"\n'
        'chmod +x "$3/bin/python" "$3/bin/bufspec"\n'
    )
    fake.chmod(0o755)
    for contents, code in ((b"abc", 0), (b"abd", 1)):
        subject(project, contents)
        done = call("bash", CI / "gate.sh", cwd=project, PYTHON=str(fake), BUFSPEC="bufspec==0.1.0")
        assert done.returncode == code, done.stdout + done.stderr
    assert (project / "installed").read_text().splitlines()[
        0
    ] == "pip -m pip install --quiet . bufspec==0.1.0"


def test_the_script_is_bash() -> None:
    done = call("bash", "-n", CI / "gate.sh", cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert os.access(CI / "gate.sh", os.X_OK)


@pytest.mark.nightly
def test_shellcheck_finds_nothing(tmp_path: Path) -> None:
    scripts = [CI / "gate.sh"]
    for number, step in enumerate(loaded(ROOT / "action.yml")["runs"]["steps"]):
        scripts.append(tmp_path / f"{number}.sh")
        scripts[-1].write_text(f"#!/usr/bin/env bash\n{step['run']}", encoding="utf-8")
    done = call("shellcheck", "--external-sources", *scripts, cwd=ROOT)
    assert done.stdout == ""
    assert done.returncode == 0


@pytest.mark.nightly
@pytest.mark.parametrize(
    "file, schema, options",
    [
        (ROOT / "action.yml", "github-actions", ()),
        (CI / "github.yml", "github-workflows", ()),
        (CI / "gitlab.yml", "gitlab-ci", ("--data-transform", "gitlab-ci")),
    ],
    ids=["action", "github", "gitlab"],
)
def test_a_recipe_fits_the_schema_of_its_server(
    file: Path, schema: str, options: tuple[str, ...], tools: Path, tmp_path: Path
) -> None:
    words = (tools / "bin/check-jsonschema", "--builtin-schema", f"vendor.{schema}", *options)
    good = call(*words, file, cwd=ROOT)
    assert good.returncode == 0, good.stdout
    spoilt = tmp_path / file.name
    text = file.read_text(encoding="utf-8")
    spoilt.write_text(re.sub(r"(?m)^( *)(timeout|timeout-minutes|using): .*$", r"\1\2: [nonsense]", text))
    assert call(*words, spoilt, cwd=ROOT).returncode == 1


# pre-commit


def hooks() -> dict[str, dict[str, Any]]:
    return {hook["id"]: hook for hook in loaded(ROOT / ".pre-commit-hooks.yaml")}


def test_the_hooks_run_the_gate_where_the_package_is_installed(project: Path) -> None:
    assert {id_: hook["entry"] for id_, hook in hooks().items()} == {
        "bufspec-check": "bufspec check",
        "bufspec-pairs": "bufspec pairs",
    }
    for hook in hooks().values():
        assert (hook["language"], hook["pass_filenames"], hook["always_run"]) == ("system", False, True)
        help_ = call(*hook["entry"].split(), "--help", cwd=project)
        assert help_.returncode == 0


@pytest.mark.nightly
def test_pre_commit_tries_the_hooks_of_this_repository(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tools = tmp_path_factory.mktemp("tools")
    for words in (["venv", tools], ["pip", "--python", tools, "install", "--quiet", "pre-commit"]):
        assert call(sys.executable, "-m", *words, cwd=project).returncode == 0
    apart = tmp_path_factory.mktemp("hooks")
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", apart)
    identity = ("-c", "user.name=bufspec", "-c", "user.email=bufspec@example.org")
    for folder in (apart, project):
        for words in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "all"]):
            assert call("git", *words, cwd=folder).returncode == 0
    for contents, code in ((b"abc", 0), (b"abd", 1)):
        subject(project, contents)
        done = call(
            *(tools / "bin/pre-commit", "try-repo", apart, "bufspec-check", "--all-files", "--verbose"),
            cwd=project,
            PRE_COMMIT_HOME=str(tools / "cache"),
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "own.thing" in done.stdout


# CMake and ctest


@pytest.mark.nightly
@pytest.mark.parametrize("exports, code", [("self->exports > 0", 0), ("self->exports > 1", 8)])
def test_ctest_judges_the_extension_in_the_build_folder(tmp_path: Path, exports: str, code: int) -> None:
    for name in ("matrix_in_c.c", "tests"):
        source = ROOT / "harness/examples/c" / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    shutil.copy(CI / "bufspec.cmake", tmp_path)
    text = (tmp_path / "matrix_in_c.c").read_text()
    (tmp_path / "matrix_in_c.c").write_text(text.replace("self->exports > 0", exports))
    (tmp_path / "bufspec.toml").write_text('files = ["tests/bufspec_subjects.py"]\n')
    (recipe,) = re.findall(r"```cmake\n(.*?)```", (CI / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(own LANGUAGES C)\n"
        + recipe.replace("mypackage", "matrix_in_c")
    )
    for words in (["-B", "build", f"-DPython_EXECUTABLE={sys.executable}"], ["--build", "build"]):
        done = call("cmake", *words, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    done = call("ctest", "--test-dir", "build", "--output-on-failure", cwd=tmp_path)
    assert done.returncode == code, done.stdout + done.stderr
    assert ("lifetime.export.memory_valid" in done.stdout) == (code != 0)


# The page


def test_the_page_names_every_recipe_and_each_link_leads_to_a_file() -> None:
    text = (CI / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert {one.name for one in CI.iterdir() if one.suffix != ".md"} <= set(links)
    assert [link for link in links if not (CI / link).exists()] == []
    hook_ids = re.findall(r"- id: (\S+)", text)
    assert hook_ids == list(hooks())
