"""Writes an exported folder's network as ONNX: in fp32, and from that with weights in 8 bits.

Started as its own process with `python -I`, offline, since an export needs memory that Python would keep, and has no
place at which it could be stopped. It uses nothing of this program. Argument 1: the folder; 2: a request, JSON with
`auto_class` (of transformers), `token_types` (whether they are an input), `threads` and, by what is wanted, the target
files `fp32`, `int8` and `fastest`. Standard output reports what is begun, and
what failed.

`int8`: weights of products in 8 bits, in blocks along the inputs (MatMulNBits), and each row of the embeddings with a
scale of its own. Sums stay in fp32; what goes into a product has a scale for each block of each row, so that a row's
answer does not depend on the batch.
`fastest`: onnxruntime's dynamic quantisation, where activations are quantised by the largest value of a batch.
"""

import json
import logging
import sys
import warnings
from pathlib import Path
from typing import Any

BLOCK = 16  # inputs that share a scale; with 32 the file is 5 % smaller, its logits differ a quarter more
LARGEST = 2_000_000_000  # bytes: an ONNX file is one protobuf message of at most 2 GiB


def main(folder: str, request_file: str) -> None:
    """Writes the files of the request."""
    request = json.loads(Path(request_file).read_text("utf-8"))
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    report("importing")
    import torch
    import transformers

    torch.set_num_threads(request["threads"])
    report("fp32")
    network = getattr(transformers, request["auto_class"]).from_pretrained(
        folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
    )
    network.train(False)
    size = sum(tensor.numel() * tensor.element_size() for tensor in network.state_dict().values())
    if size > LARGEST:
        sys.exit(
            f"too large: {size / 1e9:.1f} GB of weights, and one ONNX file holds {LARGEST / 1e9:.1f}; a smaller model "
            "of the run may fit, and the folder for transformers has no limit"
        )
    fp32 = Path(request["fp32"])
    write_fp32(network, fp32, token_types=request["token_types"])
    del network
    for name, write in (("int8", write_int8), ("fastest", write_fastest)):
        if request.get(name):
            report(name)
            try:
                write(fp32, Path(request[name]))
            except Exception as error:  # the other files are good without this one
                report(f"failed {name} {type(error).__name__}: {error}".replace("\n", " "))


def write_fp32(network: Any, path: Path, *, token_types: bool) -> None:
    """The network with `logits` alone as its output; any number of rows of any length."""
    import torch

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> Any:
            given = {"input_ids": input_ids, "attention_mask": attention_mask}
            if token_type_ids is not None:
                given["token_type_ids"] = token_type_ids
            return self.network(**given).logits

    # Two rows, one of them padded: a batch of one would be taken for a constant.
    input_ids = torch.full((2, 12), 4, dtype=torch.int64)
    attention_mask = torch.ones_like(input_ids)
    attention_mask[1, 8:] = 0
    inputs = {"input_ids": input_ids, "attention_mask": attention_mask}
    if token_types:
        inputs["token_type_ids"] = torch.zeros_like(input_ids)
    axes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("sequence")}
    with torch.inference_mode(False), torch.no_grad():
        program = torch.onnx.export(
            Logits(),
            (),
            kwargs=inputs,
            dynamo=True,
            dynamic_shapes=dict.fromkeys(inputs, axes),
            input_names=list(inputs),
            output_names=["logits"],
            external_data=False,
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    strip(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())


def strip(model: Any) -> None:
    """Takes out where in which file of this computer each node comes from, and shapes that contradict later ones."""
    for part in (model, model.graph, *model.graph.node, *model.graph.input, *model.graph.output, *model.functions):
        part.ClearField("doc_string")
        part.ClearField("metadata_props")
    for tensor in model.graph.initializer:
        tensor.ClearField("doc_string")
        tensor.ClearField("metadata_props")
    del model.graph.value_info[:]


def write_int8(fp32: Path, path: Path) -> None:
    """In blocks: nothing depends on the other rows of a batch."""
    import onnx
    from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer

    model = onnx.load(str(fp32))
    quantize_embeddings(model)
    config = DefaultWeightOnlyQuantConfig(block_size=BLOCK, is_symmetric=True, accuracy_level=4, bits=8)
    quantizer = MatMulNBitsQuantizer(model, algo_config=config)
    quantizer.process()
    onnx.save(quantizer.model.model, str(path))


def quantize_embeddings(model: Any) -> None:
    """Each row of a table that is looked up as 8-bit integers and a scale."""
    import numpy as np
    from onnx import helper, numpy_helper

    graph = model.graph
    constants = {one.name: one for one in graph.initializer}
    readers: dict[str, list[Any]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    nodes = []
    for node in graph.node:
        nodes.append(node)
        table = constants.get(node.input[0]) if node.op_type == "Gather" else None
        axis = next((attribute.i for attribute in node.attribute if attribute.name == "axis"), 0)
        if table is None or axis != 0 or len(table.dims) != 2 or len(readers[table.name]) != 1:
            continue
        weights = numpy_helper.to_array(table)
        if weights.dtype != np.float32 or weights.size < 10_000:
            continue
        scales = np.maximum(np.abs(weights).max(axis=1, keepdims=True), 1e-12) / 127
        integers = np.clip(np.rint(weights / scales), -127, 127).astype(np.int8)
        graph.initializer.remove(table)
        for name, values in ((f"{table.name}_int8", integers), (f"{table.name}_scales", scales.astype(np.float32))):
            graph.initializer.append(numpy_helper.from_array(values, name))
        ids, found = node.input[1], node.output[0]
        nodes[-1:] = [
            helper.make_node("Gather", [f"{table.name}_int8", ids], [f"{found}_int8"], axis=0),
            helper.make_node("Cast", [f"{found}_int8"], [f"{found}_float"], to=1),
            helper.make_node("Gather", [f"{table.name}_scales", ids], [f"{found}_scales"], axis=0),
            helper.make_node("Mul", [f"{found}_float", f"{found}_scales"], [found]),
        ]
    del graph.node[:]
    graph.node.extend(nodes)


def write_fastest(fp32: Path, path: Path) -> None:
    """Weights and activations in 8 bits."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(onnx.load(str(fp32)), str(path), weight_type=QuantType.QInt8)


def report(word: str) -> None:
    """One line for the process that waits."""
    print("onnx:", word, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
