"""Mistakes on the command line: exit 2, one line that helps, and nothing else happens."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from cli_support import LECTURE, MLP, Run, is_one_error_line, write_csv

from mlpcli.cli.groups import COUNTED, UsageError
from mlpcli.cli.main import COMMANDS, load
from mlpcli.core.errors import ChoiceError

IRIS = ["train", "--dataset", "iris", "--epochs", "2"]

# What was typed, and what the message must contain.
MISTAKES: list[tuple[list[str], list[str]]] = [
    (["trian"], ["trian", "train"]),
    (["train"], ["--dataset", "--data"]),
    (["train", "--dataset", "iris", "--data", "x.csv"], ["--dataset", "--data"]),
    (["train", "--dataset", "irsi"], ["irsi", "iris"]),
    ([*IRIS, "--epoch", "3"], ["--epoch", "--epochs"]),
    ([*IRIS, "--banana"], ["--banana"]),
    ([*IRIS, "more"], ["more"]),
    *(([*IRIS, "--lr", bad], ["--learning-rate", bad]) for bad in ("nan", "inf", "0", "-1")),
    *(([*IRIS, "--lr", bad], ["--learning-rate", "a finite number greater than 0"]) for bad in ("1e999", "9" * 6000)),
    *(([*IRIS, option, "9" * 6000], [option, "99…99"]) for option in ("--epochs", "--seed", "--patience", "--hidden")),
    ([*IRIS, "--optimizer", "momentum", "--momentum", "inf"], ["--momentum", "a finite number"]),
    ([*IRIS, "--lr", "fast"], ["fast"]),
    *(
        (["train", "--dataset", "iris", "--epochs", bad], ["--epochs", bad])
        for bad in ("0", "-1", "1.5", "1e8", "99999999999999999999")
    ),
    *(([*IRIS, "--hidden", bad], ["--hidden", bad]) for bad in ("0,8", "-3", "8,,8", "x", "")),
    ([*IRIS, "--activation", "rellu"], ["rellu", "'relu'"]),
    ([*IRIS, "--activation", "relu,tanh", "--hidden", "8"], ["--activation", "2", "1"]),
    ([*IRIS, "--activation", "relu:alpha=1"], ["relu"]),
    ([*IRIS, "--output-activation", "softmux"], ["softmux", "'softmax'"]),
    ([*IRIS, "--optimizer", "ADAMM"], ["ADAMM", "adam", "sgd", "rmsprop", "random-search"]),
    ([*IRIS, "--loss", "msee"], ["msee", "'mse'"]),
    ([*IRIS, "--task", "multi"], ["multi", "multiclass"]),
    ([*IRIS, "--initializer", "glorotuniform"], ["'glorot-uniform'"]),
    *(([*IRIS, "--initializer", f"uniform:{bad}"], ["limit", "at most 1e38", bad]) for bad in ("1e+308", "1.1e+38")),
    *(([*IRIS, "--initializer", f"uniform:{bad}"], ["limit", "greater than 0", bad]) for bad in ("0", "-1")),
    ([*IRIS, "--schedule", "cosin"], ["'cosine'"]),
    ([*IRIS, "--schedule", "step:every=0"], ["every", "0"]),
    ([*IRIS, "--schedule", "step:evry=2"], ["evry", "every"]),
    ([*IRIS, "--schedule", "exponential:factor=nan"], ["factor", "nan"]),
    ([*IRIS, "--seed", "-1"], ["--seed", "-1"]),
    ([*IRIS, "--seed", "1.0"], ["--seed", "1.0"]),
    *(([*IRIS, "--batch", bad], ["--batch", bad]) for bad in ("0", "some")),
    *(([*IRIS, "--validation", bad], ["--validation", bad]) for bad in ("1.5", "nan", "-0.1")),
    *(([*IRIS, "--test", bad], ["--test", bad]) for bad in ("1", "nan")),
    ([*IRIS, "--validation", "0.2", "--validation-data", "v.csv"], ["--validation", "--validation-data"]),
    ([*IRIS, "--patience", "0"], ["--patience", "0"]),
    *(([*IRIS, "--threads", bad], ["--threads", bad]) for bad in ("0", "-1")),
    ([*IRIS, "--l1", "-1"], ["l1", "-1"]),
    ([*IRIS, "--l2", "nan"], ["l2", "nan"]),
    ([*IRIS, "--output-reduction", "max"], ["max", "mean", "sum"]),
    ([*IRIS, "--batch-reduction", "max"], ["max", "mean", "sum"]),
    ([*IRIS, "--optimizer", "adam", "--momentum", "0.5"], ["--momentum", "sgd", "not to adam"]),
    ([*IRIS, "--optimizer", "rmsprop", "--nesterov"], ["--nesterov", "sgd", "not to rmsprop"]),
    ([*IRIS, "--optimizer", "momentum", "--momentum", "1.5"], ["--momentum", "1.5"]),
    ([*IRIS, "--optimizer", "normal-equations"], ["normal-equations", "layer"]),
    (
        ["train", "--dataset", "cars", "--optimizer", "normal-equations", "--hidden", "0", "--loss", "mae"],
        ["normal-equations", "mae"],
    ),
    (
        ["train", "--dataset", "iris", "--optimizer", "normal-equations", "--hidden", "0"],
        ["normal-equations", "softmax"],
    ),
    ([*IRIS, "--hidden", "0", "--activation", "tanh"], ["--activation", "no", "leave it out"]),
    (["backprop-trace", "--layers", "2,3", "--activation", "tanh"], ["--activation", "leave it out"]),
    ([*IRIS, "--dtype", "float16"], ["float16", "float32", "float64"]),
    ([*IRIS, "--scaling", "max"], ["--scaling", "max", "standard"]),
    *(
        ([*IRIS, f"--{name}", ""], [f"unknown --{name} ''"])
        for name in ("activation", "output-activation", "loss", "optimizer", "initializer")
    ),
    ([*IRIS, "--format", "yaml"], ["--format", "yaml", "json"]),
    *(([*IRIS, "--digits", bad], ["--digits", bad]) for bad in ("-1", "x")),
    ([*IRIS, "--missing", "guess"], ["--missing", "guess", "drop", "mean"]),
    ([*IRIS, "--history", "h.txt"], ["h.txt", ".csv", ".jsonl"]),
    ([*IRIS, "-o", "w.txt"], ["--output w.txt: a weights file ends in .json or .npz"]),
    ([*IRIS, "-o", "c.json", "--checkpoint", "./c.json"], ["--output and --checkpoint are both ./c.json; give each"]),
    (
        [*IRIS, "--plot", "c.previous", "--checkpoint", "c"],
        ["--plot and the previous --checkpoint are both c.previous"],
    ),
    ([*IRIS, "-o", "w.pkl"], ["w.pkl", ".json", ".npz"]),
    ([*IRIS, "--output-activation", "sigmoid", "--loss", "hinge"], ["hinge"]),
    ([*IRIS, "--loss", "cce", "--output-activation", "sigmoid"], ["cce", "softmax"]),
    (["train", "--dataset", "cars", "--output-activation", "softmax"], ["softmax", "linear"]),
    (["train", "--dataset", "moons", "--loss", "cce"], ["cce", "bce"]),
    ([*IRIS, "--weights", str(LECTURE), "--hidden", "8"], ["--hidden", "--weights"]),
    (["evaluate"], ["--weights"]),
    (["evaluate", "--weights", str(LECTURE)], ["--dataset", "--data"]),
    (["evaluate", "--weights", str(LECTURE), "--min-accuracy", "1.5"], ["--min-accuracy", "from 0 to 1", "1.5"]),
    (["evaluate", "--weights", str(LECTURE), "--min-accuracy", "nan"], ["--min-accuracy", "nan"]),
    (["evaluate", "--weights", str(LECTURE), "--min-f1", "-0.1"], ["--min-f1", "from 0 to 1", "-0.1"]),
    (["evaluate", "--weights", str(LECTURE), "--min-r2", "1.1"], ["--min-r2", "at most 1", "1.1"]),
    *(
        (["evaluate", "--weights", str(LECTURE), "--max-loss", bad], ["--max-loss", "0 or more", bad])
        for bad in ("-1", "nan", "inf")
    ),
    (
        ["evaluate", "--weights", str(LECTURE), "--min-r2", "0.5"],
        ["--min-r2", "multiclass", "--min-accuracy", "--min-f1"],
    ),
    (["evaluate", "--weights", str(LECTURE), "--part", "tset"], ["tset", "'test'"]),
    (["evaluate", "--weights", str(LECTURE), "--dataset", "iris-2d", "--part", "test"], ["--part"]),
    (["forward", "--weights", str(LECTURE)], ["--x", "--data", "--dataset"]),
    (["forward", "--weights", str(LECTURE), "--x", "1,2", "--dataset", "iris"], ["--x", "--dataset"]),
    (["forward", "--weights", "-", "--data", "-"], ["--weights", "--data", "standard input"]),
    (["datasets", "--format", "xml"], ["xml", "csv"]),
    (["train", "--l2", "x"], ["--l2 takes a number, not 'x'"]),
    (["train", "--seed", "1.5"], ["--seed takes a whole number, not '1.5'"]),
    (["train", "--epoch", "5"], ["unknown option --epoch: did you mean --epochs?"]),
    (["train", "--qqqq"], ["error: unknown option --qqqq (see"]),
    (["inspect", "--data", "flats.csv"], ["unknown option --data: give the file without an option"]),
    (["train", "iris"], ["unexpected 'iris': a value needs its option before it"]),
    (["train", "--quiet=1"], ["--quiet takes no value"]),
    (["evaluate"], ["error: --weights is required"]),
    (["plot", "history"], ["error: FILE is required"]),
    (["forward", "--weights"], ["error: --weights needs a value after it"]),
    (["trian"], ["unknown command 'trian': did you mean train? choose from train, evaluate"]),
    (["plot"], ["a command is missing; choose from history, boundary"]),
]


@pytest.mark.parametrize("name", COMMANDS)
def test_an_empty_value_is_a_mistake_in_every_option_that_says_what_it_takes(name: str) -> None:
    command = load(name)
    tried = 0
    for part in getattr(command, "commands", {name: command}).values():
        for option in part.params:
            if option.metavar in (None, COUNTED) or option.type.name not in ("str", "text"):
                continue
            given = ["--weights", "w.json", *([option.opts[0]] if option.param_type_name == "option" else []), ""]
            known = given if any("--weights" in other.opts for other in part.params) else given[2:]
            with pytest.raises(
                UsageError, match=r"is empty; it takes [A-Z]+, not ''|unknown \S+ ''|Missing parameter: file"
            ):
                part.make_context(name, known)
            tried += 1
    assert tried > 0


@pytest.mark.parametrize("name", COMMANDS)
def test_a_value_that_is_none_of_the_choices_is_a_mistake_and_each_choice_is_none(name: str) -> None:
    command = load(name)
    for part in getattr(command, "commands", {name: command}).values():
        needed = ["--weights", "w.json"] if any("--weights" in option.opts for option in part.params) else []
        needed += ["h.csv"] if any(option.name == "file" for option in part.params) else []
        for option in part.params:
            metavar, longest = option.metavar or "", max(option.opts, key=len)
            if "|" in metavar and metavar.islower():
                for choice in metavar.split("|"):
                    assert part.make_context(name, [longest, choice, *needed]).params[option.name] == choice
                with pytest.raises(ChoiceError, match=f"unknown {longest} 'median': .*choose from"):
                    part.make_context(name, [longest, "median", *needed])


def test_a_working_directory_that_is_gone_is_named(tmp_path: Path) -> None:
    gone = 'mkdir gone && cd gone && rmdir ../gone && "$@"'
    for arguments in (["train", "--dataset", "iris"], ["backprop-trace", "-o", "t.md"]):
        words = ["bash", "-c", gone, "bash", *MLP, *arguments]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert (done.returncode, done.stdout) == (1, "")
        assert is_one_error_line(done.stderr)
        assert "the working directory has been deleted" in done.stderr


@pytest.mark.parametrize(("arguments", "said"), MISTAKES, ids=lambda words: " ".join(words)[-60:])
def test_a_mistake_is_one_helpful_line_and_exit_2(
    mlp: Run, tmp_path: Path, arguments: list[str], said: list[str]
) -> None:
    found = mlp(*arguments)
    assert found.code == 2
    assert found.out == ""
    assert is_one_error_line(found.err)
    assert [word for word in said if word not in found.err] == []
    assert list(tmp_path.iterdir()) == []


def test_no_command_at_all_shows_the_commands_and_exits_with_2(mlp: Run) -> None:
    found = mlp()
    assert found.code == 2
    assert "train" in found.out + found.err


def test_softmax_for_several_labels_is_refused_with_the_reason(mlp: Run, tmp_path: Path) -> None:
    write_csv(tmp_path / "m.csv", ("a", "p", "q"), [(k, k % 2, k // 2 % 2) for k in range(20)])
    found = mlp("train", "--data", "m.csv", "--target", "p,q", "--output-activation", "softmax", "-q")
    assert found.code == 2
    assert is_one_error_line(found.err)
    assert "sum to 1" in found.err
    assert "sigmoid" in found.err
    assert not (tmp_path / "w.json").exists()


@pytest.mark.parametrize("option", ["--min-accuracy", "--min-f1"])
def test_a_limit_of_classes_is_refused_for_a_regression_with_the_right_one(
    mlp: Run, tmp_path: Path, option: str
) -> None:
    layers = [{"weights": [[1]], "bias": [0], "activation": "linear"}]
    (tmp_path / "line.json").write_text(json.dumps({"layers": layers, "features": ["speed"]}))
    found = mlp("evaluate", "--weights", "line.json", "--dataset", "cars", option, "0.5")
    assert found.code == 2
    assert is_one_error_line(found.err)
    assert option in found.err
    assert "use --max-loss or --min-r2" in found.err


@pytest.mark.parametrize("shape", ["1000000,1000000", "999999999,999999999"])
def test_a_network_that_fits_no_machine_is_refused_before_memory_is_taken(mlp: Run, tmp_path: Path, shape: str) -> None:
    found = mlp(*IRIS, "--hidden", shape)
    assert found.code == 1
    assert is_one_error_line(found.err)
    assert re.search(r"need \S+ [TE]iB in training", found.err)  # 10¹² weights of 8 bytes, four times: 29 TiB
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("output", ["folder", "nowhere/w.json"])
def test_where_weights_cannot_be_written_nothing_is_trained(mlp: Run, tmp_path: Path, output: str) -> None:
    (tmp_path / "folder.json").mkdir()
    found = mlp(*IRIS, "-o", "folder.json" if output == "folder" else output)
    assert (found.code, found.out) == (1, "")
    assert is_one_error_line(found.err)
    assert output in found.err
