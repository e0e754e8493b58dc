"""Times the networks and the engine beside ONNX Runtime and OpenCV, on the same files and inputs.

Use: python compare.py MODELS ROUNDS PROGRAM ARGUMENTS...

PROGRAM is the engine's example `frame_to_decision` with `--serve`. In each round every one of
them runs once, one after the other, so that whatever else the machine does hurts all alike.
ONNX Runtime and OpenCV use one thread. PROGRAM runs twice: as it comes, and bound to one core, where
it uses one thread as well; that one is compared network by network. Prints one JSON object: medians
in milliseconds and the ratios of the medians.
"""

import json
import os
import statistics
import subprocess
import sys
import time

import cv2
import numpy as np
import onnx
import onnxruntime

MODELS, ROUNDS, PROGRAM = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
WARM_UP = 5
# File, height, width, mean, divisor: as in models/manifest.toml.
NETWORKS = {
    "centerface": ("centerface.onnx", 192, 256, 0, 1),
    "fr_feature": ("fr_feature.onnx", 112, 112, 127, 128),
    "fr_liveness": ("fr_liveness.onnx", 128, 128, 0, 1),
}


def pattern(height, width):
    """(37 x + 59 y + 83 c + x y) mod 256 for the planes c = 0, 1, 2."""
    c, y, x = np.meshgrid(np.arange(3), np.arange(height), np.arange(width), indexing="ij")
    return ((37 * x + 59 * y + 83 * c + x * y) % 256).astype(np.float32)[None]


def onnx_runtime(file, values):
    model = onnx.load(f"{MODELS}/{file}")
    for dim, size in zip(model.graph.input[0].type.tensor_type.shape.dim, values.shape):
        dim.dim_value = size
    for output in model.graph.output:
        for dim in output.type.tensor_type.shape.dim:
            dim.dim_param = "any"
    del model.graph.value_info[:]
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name
    return lambda: session.run(None, {name: values})


def opencv(file, values):
    network = cv2.dnn.readNetFromONNX(f"{MODELS}/{file}")
    names = network.getUnconnectedOutLayersNames()

    def run():
        network.setInput(values)
        network.forward(names)

    return run


def timed(run):
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1000


cv2.setNumThreads(1)
inputs = {
    name: (pattern(height, width) - mean) / divisor
    for name, (_, height, width, mean, divisor) in NETWORKS.items()
}
runtimes = {name: onnx_runtime(NETWORKS[name][0], inputs[name]) for name in NETWORKS}
opencvs = {name: opencv(NETWORKS[name][0], inputs[name]) for name in NETWORKS}


class Engine:
    def __init__(self, prepare=None):
        self.process = subprocess.Popen(
            PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=prepare
        )

    def ask(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        return [float(number) for number in self.process.stdout.readline().split()]

    def end(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            sys.exit("the engine failed")


def on_one_core():
    # Other systems than Linux cannot be told: there the networks are compared as they come.
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


engine, single = Engine(), Engine(on_one_core)
times = {}
for round_ in range(WARM_UP + ROUNDS):
    found = dict(zip((f"tract_{name}_ms" for name in NETWORKS), single.ask("networks"), strict=True))
    found["tract_centerface_two_threads_ms"] = engine.ask("networks")[0]
    for name in NETWORKS:
        found[f"onnxruntime_{name}_ms"] = timed(runtimes[name])
        found[f"opencv_{name}_ms"] = timed(opencvs[name])
    [found["engine_ms"]] = engine.ask("engine")
    [found["engine_one_core_ms"]] = single.ask("engine")
    found["opencv_sum_ms"] = sum(found[f"opencv_{name}_ms"] for name in NETWORKS)
    if round_ >= WARM_UP:
        for name, value in found.items():
            times.setdefault(name, []).append(value)
engine.end()
single.end()
medians = {name: statistics.median(values) for name, values in times.items()}
for name in NETWORKS:
    for other in ("onnxruntime", "opencv"):
        ratio = medians[f"tract_{name}_ms"] / medians[f"{other}_{name}_ms"]
        medians[f"ratio_tract_vs_{other}_{name}"] = ratio
for engine_name in ("engine", "engine_one_core"):
    ratio = medians[f"{engine_name}_ms"] / medians["opencv_sum_ms"]
    medians[f"ratio_{engine_name}_vs_opencv"] = ratio
print(json.dumps({name: round(value, 3) for name, value in medians.items()}))
