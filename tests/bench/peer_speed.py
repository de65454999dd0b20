"""The sections of compare_peers.py that time runs: CNNs, transformers, int8, the cost of a run and of a node."""
import json
import os

import onnx

import accuracy
import cases
import decoder_loop
import light_models
import peer_rows
import sides

ORT, ORT_F32, OPENVINO, OWN_F32 = "ONNX Runtime", "ONNX Runtime f32", "OpenVINO", "own f32"
FLOOR = 0.98
EXPORTED_CNNS = ["resnet50", "resnet18", "mobilenet_v2"]
QUANTIZED = {"QuantizeLinear", "QLinearConv", "DynamicQuantizeLinear", "ConvInteger", "MatMulInteger"}
NOT_CNN = {"LSTM", "GRU", "RNN", "Loop", "Scan", "If"}


def operators(model):
    return [node.op_type for node in onnx.load(model, load_external_data=False).graph.node]


def is_float_cnn(model):
    graph = onnx.load(model, load_external_data=False).graph
    kinds = [node.op_type for node in graph.node]
    if QUANTIZED.union(NOT_CNN).intersection(kinds) or kinds.count("Conv") < max(5, kinds.count("MatMul")):
        return False
    return all(tensor.data_type != onnx.TensorProto.FLOAT16 for tensor in graph.initializer)


def is_int8(model):
    return bool(QUANTIZED.intersection(operators(model)))


def real_models(options, wanted):
    """Folders of --real-models whose model `wanted` accepts."""
    if not options.real_models:
        return []
    folders = [os.path.join(options.real_models, name) for name in sorted(os.listdir(options.real_models))]
    return [folder for folder in folders
            if os.path.exists(os.path.join(folder, "model.onnx")) and wanted(os.path.join(folder, "model.onnx"))]


def both_peers(bench, case):
    return {ORT: (bench.ort, case), OPENVINO: (bench.openvino, case)}


def cnn(bench):
    """Named architectures at batch 1 and 8, real models as they are."""
    options, rows, verdicts = bench.options, [], []
    named = [bench.made.exported(name) for name in EXPORTED_CNNS]
    named += [bench.made.light(name) for name in light_models.NETWORKS.values()]
    real = real_models(options, is_float_cnn)
    for threads in options.threads:
        for batch in options.batches:
            table = []
            for folder in filter(None, named):
                case = cases.load_case(folder, bench.scratch, batch)
                table.append(bench.latency("cnn", case.name, both_peers(bench, case), (bench.own, case), threads,
                                           batch=batch))
            what = f"CNNs, batch {batch}, {threads} thread(s)"
            verdicts += peer_rows.judge_speed(what, table, ORT, 1.15, FLOOR)
            verdicts += peer_rows.judge_speed(f"{what}, OpenVINO", table, OPENVINO, None)
            rows += table
        table = []
        for folder in real:
            case = cases.load_case(folder, bench.scratch)
            table.append(bench.latency("cnn", case.name, both_peers(bench, case), (bench.own, case), threads))
        verdicts += peer_rows.judge_speed(f"real CNNs, {threads} thread(s)", table, ORT, 1.15, FLOOR)
        verdicts += peer_rows.judge_speed(f"real CNNs, {threads} thread(s), OpenVINO", table, OPENVINO, None)
        rows += table
    return rows, verdicts


def transformers(bench):
    options, rows, verdicts = bench.options, [], []
    for name in ("encoder_6x384", "encoder_12x768"):
        folder = bench.made.exported(name)
        if folder is None:
            continue
        plain = cases.load_case(folder, bench.scratch)
        for threads in options.threads:
            entry = bench.latency("encoder", name, both_peers(bench, plain), (bench.own, plain), threads)
            rows.append(entry)
            verdicts += peer_rows.judge_speed(f"{name} f32, {threads} thread(s)", [entry], ORT, 1.12)
        for form in ("dynamic", "qdq"):
            case = cases.load_case(bench.made.quantized(f"{name}_{form}"), bench.scratch)
            for threads in options.threads:
                peers = {ORT_F32: (bench.ort, plain), ORT: (bench.ort, case)}
                entry = bench.latency("encoder int8", case.name, peers, (bench.own, case), threads)
                rows.append(entry)
                verdicts += peer_rows.judge_speed(f"{case.name} over f32, {threads} thread(s)", [entry], ORT_F32, 1.8)
                verdicts += peer_rows.judge_speed(f"{case.name}, {threads} thread(s)", [entry], ORT, 1.0)
            rows.append(bench.note("accuracy", accuracy.encoder(bench, plain, case)))
    return rows, verdicts


def decoder(bench):
    """Loops of steps whose past grows, fed back without copies; `first` is that of a fresh process."""
    options, rows, verdicts = bench.options, [], []
    folder = bench.made.exported("decoder_6x512")
    case = folder and decoder_loop.LoopCase(folder, bench.scratch, past=0)
    both = decoder_loop.OnnxRuntimeLoop(), decoder_loop.BackplaneLoop(options.backplane, bench.plugins)
    for threads in options.threads if case else []:
        results = decoder_loop.measure(case, both, threads, options.cpus, pairs=options.pairs,
                                       restarts=options.restarts)
        for key, result in results.items():
            entry = {"section": "decoder", "name": f"{case.name}, {key} loop", "threads": threads, "unit": "us",
                     "own": result["own"], "peers": {ORT: result}}
            rows.append(peer_rows.show(entry))
            verdicts += peer_rows.judge_speed(f"{entry['name']}, {threads} thread(s)", [entry], ORT, 1.0)
    return rows, verdicts


def int8(bench):
    options, rows, verdicts = bench.options, [], []
    folder = bench.made.exported("resnet50")
    quantized = [bench.made.quantized(name) for name in ("resnet50_u8s8", "resnet50_s8s8")] if folder else []
    for made in quantized:
        plain, case = (cases.load_case(each, bench.scratch, 1) for each in (folder, made))
        for threads in options.threads:
            peers = {**both_peers(bench, case), OWN_F32: (bench.own, plain)}
            entry = bench.latency("int8", case.name, peers, (bench.own, case), threads)
            rows.append(entry)
            verdicts += peer_rows.judge_speed(f"{case.name}, {threads} thread(s)", [entry], ORT, 1.2)
            verdicts += peer_rows.judge_speed(f"{case.name} over own f32, {threads} thread(s)", [entry], OWN_F32, 2.5)
        rows.append(bench.note("accuracy", accuracy.image_classifier(bench, plain, case)))
    for threads in options.threads:
        table = []
        for real in real_models(options, is_int8):
            case = cases.load_case(real, bench.scratch)
            table.append(bench.latency("int8", case.name, both_peers(bench, case), (bench.own, case), threads))
        verdicts += peer_rows.judge_speed(f"real int8 models, {threads} thread(s)", table, ORT, 1.2, FLOOR)
        rows += table
    return rows, verdicts


def framework_share(bench):
    """The model's time over the sum of its steps', as `backplane bench --breakdown` has it."""
    folder = bench.made.exported("resnet50")
    if folder is None:
        return [], []
    case = cases.load_case(folder, bench.scratch, 1)
    text = bench.own.tell("bench", case.model, "--threads", "1", "--duration-ms", "2000", "--breakdown", "--json", "-",
                          *case.input_arguments(), *case.dim_arguments())
    found = json.loads(text)["breakdown"]
    share = found["framework_share"]
    entry = bench.note("cost", {
        "name": f"{case.name}, framework", "share": share, "breakdown": found,
        "text": f"model {found['model_ns'] / 1e6:.3f} ms, steps {found['steps_ns'] / 1e6:.3f} ms: {share:.3f}"})
    return [entry], [peer_rows.verdict(f"{case.name}: framework share", share, 1.05, False)]


def cost(bench):
    """A bound run of one Relu on one float, and a node of a chain; ONNX Runtime is called from C."""
    rows, verdicts = framework_share(bench)
    peer = sides.OnnxRuntimeInC(bench.scratch)
    chain = bench.made.exported("chain200")
    if chain:
        case = cases.load_case(chain, bench.scratch).but(opt="none")
        for threads in bench.options.threads:
            entry = bench.latency("cost", "node of a chain", {ORT: (peer, case)}, (bench.own, case), threads, "us", 200)
            rows.append(entry)
            what = f"cost of a node, {threads} thread(s), us"
            verdicts.append(peer_rows.verdict(what, entry["own"] / 1e3, 0.1, False))
    relu = bench.made.exported("relu1")
    if relu:
        case = cases.load_case(relu, bench.scratch)
        entry = bench.latency("cost", "run of one Relu", {ORT: (peer, case)}, (bench.own, case), 1, "us")
        rows.append(entry)
        verdicts.append(peer_rows.verdict("cost of a run, us", entry["own"] / 1e3, 0.5, False))
    return rows, verdicts
