"""The options, each declared once. They keep their name in every command; the default stands at the command."""

from typing import Annotated, Optional

import typer

DATA, NETWORK, TRAINING, OUTPUT = "Data", "Network", "Training", "Output"


def _option(panel: str, text: str, *names: str, metavar: str | None = None) -> typer.models.OptionInfo:
    return typer.Option(*names, help=text, metavar=metavar, rich_help_panel=panel)  # type: ignore[no-any-return]


# ----- Data
Dataset = Annotated[Optional[str], _option(DATA, "A named data set: {datasets}.", "--dataset", metavar="NAME")]
Data = Annotated[Optional[str], _option(DATA, "Your own file, {data_files}; - is stdin.", "--data", metavar="FILE")]
Target = Annotated[
    Optional[str],
    _option(
        DATA,
        "Target column by name or number (1 first, -1 last), several with commas. Default: last.",
        "--target",
        metavar="COLUMNS",
    ),
]
DataDir = Annotated[
    Optional[str], _option(DATA, "Where MNIST and Fashion-MNIST lie (IDX or NPZ).", "--data-dir", metavar="FOLDER")
]
Header = Annotated[
    Optional[bool],
    _option(DATA, "Whether the first row names the columns. Default: if it has no number.", "--header/--no-header"),
]
Delimiter = Annotated[
    Optional[str],
    _option(DATA, "Between cells. Default: found out (, ; tab |).", "--delimiter", metavar="CHARACTER"),
]
Missing = Annotated[
    Optional[str],
    _option(
        DATA,
        "What to do with a missing feature: drop the row, or take the column's mean.",
        "--missing",
        metavar="drop|mean",
    ),
]
Scaling = Annotated[
    Optional[str],
    _option(
        DATA,
        "Features and targets of a regression: standardised (the default), or as they are.",
        "--scaling",
        metavar="standard|none",
    ),
]
Validation = Annotated[
    Optional[float], _option(DATA, "Share of the training data that watches over training; 0: none.", "--validation")
]
ValidationData = Annotated[
    Optional[str], _option(DATA, "A file for validation instead of a share.", "--validation-data", metavar="FILE")
]
Test = Annotated[Optional[float], _option(DATA, "Share of all data that is held out for the test; 0: none.", "--test")]
Part = Annotated[
    Optional[str],
    _option(DATA, "Which part of the training data. Default: test.", "--part", metavar="training|validation|test|all"),
]

# ----- Network
Weights = Annotated[str, _option(NETWORK, "The weights file; - is stdin.", "--weights", "-w", metavar="FILE")]
StartWeights = Annotated[
    Optional[str],
    _option(NETWORK, "Start from this weights file instead of drawn weights.", "--weights", "-w", metavar="FILE"),
]
TraceWeights = Annotated[
    Optional[str],
    _option(NETWORK, "The weights file. Default: the lecture's network.", "--weights", "-w", metavar="FILE"),
]
Hidden = Annotated[
    Optional[str],
    _option(NETWORK, "Units of the hidden layers, 16,8 for two; 0 for none.", "--hidden", metavar="UNITS"),
]
Activation = Annotated[
    Optional[str],
    _option(NETWORK, "Of the hidden layers, one for all or one each (relu,tanh): {activations}.", "--activation"),
]
OutputActivation = Annotated[
    Optional[str], _option(NETWORK, "Of the last layer. Default: by task.", "--output-activation")
]
Task = Annotated[Optional[str], _option(NETWORK, "{tasks}. Default: by the target column.", "--task")]
Initializer = Annotated[Optional[str], _option(NETWORK, "{initializers}. Default: glorot-uniform.", "--initializer")]
Dtype = Annotated[
    Optional[str], _option(NETWORK, "Default: float32 for images, else float64.", "--dtype", metavar="float32|float64")
]

# ----- Training
Loss = Annotated[Optional[str], _option(TRAINING, "{losses}. Default: by task.", "--loss")]
OutputReduction = Annotated[
    Optional[str],
    _option(TRAINING, "A sample's loss from its outputs. Default: by loss.", "--output-reduction", metavar="mean|sum"),
]
BatchReduction = Annotated[
    Optional[str],
    _option(TRAINING, "A batch's loss from its samples. Default: mean.", "--batch-reduction", metavar="mean|sum"),
]
Optimizer = Annotated[Optional[str], _option(TRAINING, "{optimizers}. Default: adam.", "--optimizer")]
LearningRate = Annotated[
    Optional[float],
    _option(TRAINING, "Default: by optimizer, as in Keras; some named sets have their own.", "--learning-rate", "--lr"),
]
TraceOptimizer = Annotated[
    Optional[str],
    _option(TRAINING, "{optimizers}. Default: sgd, whatever the network was trained with.", "--optimizer"),
]
TraceLearningRate = Annotated[
    Optional[float],
    _option(
        TRAINING, "Default: that of the weights file's sample, else the optimizer's own.", "--learning-rate", "--lr"
    ),
]
Momentum = Annotated[
    Optional[float],
    _option(TRAINING, "For sgd, momentum and nesterov. Default: 0.9 for the last two, none for sgd.", "--momentum"),
]
Nesterov = Annotated[bool, _option(TRAINING, "Nesterov's momentum, for sgd and momentum.", "--nesterov")]
Schedule = Annotated[str, _option(TRAINING, "Of the learning rate: {schedules}.", "--schedule")]
Epochs = Annotated[
    Optional[int],
    _option(TRAINING, "Passes over the training data. Default: enough for 3,000 updates, 5 to 500.", "--epochs"),
]
Batch = Annotated[Optional[str], _option(TRAINING, "Samples per update: 1, 16, all. Default: 16.", "--batch")]
L1 = Annotated[Optional[float], _option(TRAINING, "Adds l1 · Σ|w| to the objective.", "--l1")]
L2 = Annotated[Optional[float], _option(TRAINING, "Adds l2 · ½Σw² to the objective.", "--l2")]
RegularizeBias = Annotated[bool, _option(TRAINING, "Let biases take part in both.", "--regularize-bias")]
FreezeBias = Annotated[bool, _option(TRAINING, "Leave all biases as they are.", "--freeze-bias")]
Patience = Annotated[
    Optional[int],
    _option(
        TRAINING,
        "Stop when the validation loss has not improved for so many epochs; keep the best.",
        "--patience",
        metavar="EPOCHS",
    ),
]
Seed = Annotated[int, _option(TRAINING, "Of every random draw: split, weights, order.", "--seed")]
Threads = Annotated[
    Optional[int],
    _option(TRAINING, "For matrix products. Default: 1, and all cores for very large layers.", "--threads"),
]

# ----- Output
Output = Annotated[
    str, _option(OUTPUT, "Where the weights go, {weight_files}; - is stdout.", "--output", "-o", metavar="FILE")
]
History = Annotated[
    Optional[str], _option(OUTPUT, "Record each epoch in a {history_files} file.", "--history", metavar="FILE")
]
Checkpoint = Annotated[
    Optional[str],
    _option(OUTPUT, "Keep the state of training in this file, for --resume.", "--checkpoint", metavar="FILE"),
]
CheckpointEvery = Annotated[
    Optional[int],
    _option(
        OUTPUT,
        "After every so many epochs. Default: once a second, and before a line of progress.",
        "--checkpoint-every",
        metavar="EPOCHS",
    ),
]
Resume = Annotated[
    bool,
    _option(OUTPUT, "Go on from --checkpoint, if there is one, to the same weights as without a break.", "--resume"),
]
Plot = Annotated[
    Optional[str],
    _option(OUTPUT, "Draw loss and accuracy by epoch as a picture, .svg or .png or .pdf.", "--plot", metavar="FILE"),
]
Force = Annotated[bool, _option(OUTPUT, "Replace files that mlp did not write.", "--force")]
TraceForce = Annotated[
    bool,
    _option(
        OUTPUT,
        "Replace a solution that nobody named, and with --save-weights a file that mlp did not write. Other files that "
        "are named are replaced in any case.",
        "--force",
    ),
]
Quiet = Annotated[bool, _option(OUTPUT, "No notes and no progress on stderr.", "--quiet", "-q")]
Format = Annotated[str, _option(OUTPUT, "{formats}.", "--format", "-f")]
ReportFormat = Annotated[
    Optional[str], _option(OUTPUT, "{formats}. Default: by the suffix of --output, else table.", "--format", "-f")
]
Digits = Annotated[int, _option(OUTPUT, "Decimals in tables.", "--digits", metavar="N")]

# ----- Samples on the command line
X = Annotated[Optional[str], _option(DATA, "One sample 1.8,0.5 or several '1.8,0.5; 0.3,1.2'.", "--x")]
Y = Annotated[
    Optional[str],
    _option(DATA, "The target of each sample: numbers for the outputs, 1,0,0, or a class by name.", "--y"),
]
Row = Annotated[
    Optional[int], _option(DATA, "This row of the data as the sample, counted from 0.", "--row", metavar="N")
]
Rows = Annotated[
    Optional[str], _option(DATA, "Rows of the data as a batch: 0:4 for 0 to 3, or 2,7.", "--rows", metavar="RANGE")
]
Steps = Annotated[int, _option(TRAINING, "How many updates.", "--steps")]
Check = Annotated[
    bool, _option(OUTPUT, "Put a numerical derivative beside every gradient; exit with 3 if one is off.", "--check")
]
Compare = Annotated[
    Optional[str],
    _option(
        OUTPUT,
        "Your own figures, any part of the JSON, to find the first that differs and why; exit with 3 if one does.",
        "--compare",
        metavar="FILE",
    ),
]
Tolerance = Annotated[
    Optional[float],
    _option(
        OUTPUT,
        "Largest difference for --compare, relative to the largest number of each quantity; printed digits also count.",
        "--tolerance",
    ),
]
ReportOutput = Annotated[
    Optional[str], _option(OUTPUT, "Write to this file instead of stdout.", "--output", "-o", metavar="FILE")
]
Exercise = Annotated[
    bool, _option(OUTPUT, "Leave what is computed blank, and write the solution to a second file.", "--exercise")
]
Solution = Annotated[
    Optional[str],
    _option(OUTPUT, "That file. Default: sheet-solution.tex beside sheet.tex.", "--solution", metavar="FILE"),
]
SaveWeights = Annotated[
    Optional[str],
    _option(OUTPUT, "Keep the updated network in this weights file, {weight_files}.", "--save-weights", metavar="FILE"),
]
DrawnLayers = Annotated[
    Optional[str],
    _option(NETWORK, "A drawn network and sample: inputs, hidden units, outputs: 2,3,2.", "--layers", metavar="UNITS"),
]
Rule = Annotated[
    str,
    _option(
        TRAINING, "True gradients, or those of the lecture's slide beside them.", "--rule", metavar="exact|lecture"
    ),
]
RoundSteps = Annotated[
    Optional[int],
    _option(
        TRAINING, "Round after every step, as by hand, to so many decimals, halves away from zero.", "--round-steps"
    ),
]
Explain = Annotated[bool, _option(OUTPUT, "Write each scalar out as the sum it is.", "--explain")]
Whole = Annotated[bool, _option(OUTPUT, "Show large layers number by number too.", "--whole")]
Only = Annotated[
    Optional[str],
    _option(OUTPUT, "Show only this part of an update.", "--only", metavar="forward|loss|backward|update|compare"),
]
OnlyLayer = Annotated[Optional[int], _option(OUTPUT, "Show only this layer, from 1.", "--layer", metavar="N")]
MaxLoss = Annotated[Optional[float], _option(OUTPUT, "Exit with 3 if the loss is higher.", "--max-loss")]
MinAccuracy = Annotated[Optional[float], _option(OUTPUT, "Exit with 3 if the accuracy is lower.", "--min-accuracy")]
MinF1 = Annotated[
    Optional[float], _option(OUTPUT, "Exit with 3 if F1, averaged over the classes, is lower.", "--min-f1")
]
MinR2 = Annotated[Optional[float], _option(OUTPUT, "Exit with 3 if R² of a regression is lower.", "--min-r2")]

# ----- Functions
FunctionName = Annotated[
    Optional[str],
    typer.Argument(
        help="One activation, loss or task: {activations}; {losses}; {tasks}. Default: all.", metavar="NAME"
    ),
]
At = Annotated[
    Optional[str],
    _option(DATA, "Where to evaluate it: numbers a, for a loss ŷ; for softmax one vector.", "--at", metavar="NUMBERS"),
]

# ----- The cost of a training
CostLayers = Annotated[
    Optional[str],
    _option(
        NETWORK,
        "Inputs, hidden units, outputs. Default: the lecture's network, 784,512,10.",
        "--layers",
        metavar="UNITS",
    ),
]
CostWeights = Annotated[
    Optional[str], _option(NETWORK, "The network of this weights file.", "--weights", "-w", metavar="FILE")
]
CostDtype = Annotated[
    Optional[str],
    _option(
        NETWORK,
        "Default: that of the weights file, or float32 for images, else float64.",
        "--dtype",
        metavar="float32|float64",
    ),
]
CostLoss = Annotated[Optional[str], _option(TRAINING, "{losses}. Default: by the last activation.", "--loss")]
CostOptimizer = Annotated[str, _option(TRAINING, "A gradient rule: {gradient_rules}.", "--optimizer")]
SampleCount = Annotated[
    str, _option(DATA, "All samples, those held out included: 60000, 60_000 or 6e4.", "--samples", metavar="N")
]
CostValidation = Annotated[float, _option(DATA, "Share of the training data for validation.", "--validation")]
CostTest = Annotated[float, _option(DATA, "Share of all data that is held out for the test.", "--test")]
CostBatch = Annotated[str, _option(TRAINING, "Samples per update: 1, 16, all.", "--batch")]
CostEpochs = Annotated[str, _option(TRAINING, "Passes over the training data.", "--epochs", metavar="N")]
Measure = Annotated[
    bool, _option(OUTPUT, "Train for a second to measure the time, or only count.", "--measure/--no-measure")
]
Gflops = Annotated[
    Optional[float],
    _option(OUTPUT, "Also for another machine, whose matrix products reach R GFLOP/s.", "--gflops", metavar="R"),
]
Naive = Annotated[bool, _option(OUTPUT, "Also time the lecture's naive loops.", "--naive")]
SweepBatch = Annotated[
    Optional[str], _option(OUTPUT, "Also with these batch sizes: 1,8,32,128,all.", "--sweep-batch", metavar="SIZES")
]

# ----- Pictures
HistoryFile = Annotated[str, typer.Argument(help="The history, CSV or JSON lines; - is stdin.", metavar="FILE")]
PictureOutput = Annotated[
    Optional[str],
    _option(
        OUTPUT,
        "The picture as a file, .svg or .png or .pdf, or its numbers, .json or .csv. Default: drawn on stdout.",
        "--output",
        "-o",
        metavar="FILE",
    ),
]
PictureFormat = Annotated[
    Optional[str],
    _option(
        OUTPUT,
        "Drawn (table), or its numbers. Default: by --output's suffix, else table.",
        "--format",
        "-f",
        metavar="table|json|csv",
    ),
]
PictureOf = Annotated[
    Optional[str],
    _option(DATA, "Which part of the training data. Default: all.", "--part", metavar="training|validation|test|all"),
]

# ----- Drawings
Values = Annotated[
    bool, _option(DATA, "Show values and gradients of the sample that comes with the network.", "--values")
]
