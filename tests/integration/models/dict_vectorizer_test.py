"""The model that takes a map and has no reference outputs, against scikit-learn: its DictVectorizer and its trees, built from
what the model says.

usage: dict_vectorizer_test.py TOOL PLUGIN_DIR
"""

import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import numpy_helper
from sklearn.feature_extraction import DictVectorizer
from sklearn.tree import DecisionTreeRegressor
from sklearn.tree._tree import Tree


def attributes_of(node):
    return {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}


def trees_of(ensemble, features):
    """A scikit-learn tree for each tree of the model."""
    weights = {(tree, node): weight for tree, node, weight in
               zip(ensemble["target_treeids"], ensemble["target_nodeids"], ensemble["target_weights"])}
    ids = np.array(ensemble["nodes_treeids"])
    fitted = DecisionTreeRegressor(max_depth=1).fit(np.eye(features), np.arange(features)).tree_
    for tree_id in sorted(set(ids.tolist())):
        rows = np.flatnonzero(ids == tree_id)
        state = fitted.__getstate__()  # in this version's form
        nodes = np.zeros(len(rows), dtype=state["nodes"].dtype)
        values = np.zeros((len(rows), 1, 1))
        for place, row in enumerate(rows):
            leaf = ensemble["nodes_modes"][row] == b"LEAF"
            assert leaf or ensemble["nodes_modes"][row] == b"BRANCH_LEQ"
            assert ensemble["nodes_nodeids"][row] == place
            nodes[place]["left_child"] = -1 if leaf else ensemble["nodes_truenodeids"][row]
            nodes[place]["right_child"] = -1 if leaf else ensemble["nodes_falsenodeids"][row]
            nodes[place]["feature"] = -2 if leaf else ensemble["nodes_featureids"][row]
            nodes[place]["threshold"] = -2 if leaf else ensemble["nodes_values"][row]
            nodes[place]["n_node_samples"] = nodes[place]["weighted_n_node_samples"] = 1
            values[place] = weights.get((tree_id, place), 0)
        state.update(nodes=nodes, values=values, node_count=len(rows), max_depth=len(rows))
        tree = Tree(features, np.ones(1, dtype=np.intp), 1)
        tree.__setstate__(state)
        yield tree


def main():
    tool, plugins = sys.argv[1:]
    path = pathlib.Path(os.environ["BACKPLANE_MODELS"]) / "ml_dictvectorizer" / "model.onnx"
    if not path.exists():
        print(f"skipped: no {path}")
        return 77
    model = onnx.load(str(path))
    vectorizer_node, ensemble_node = model.graph.node
    vocabulary = list(attributes_of(vectorizer_node)["int64_vocabulary"])
    ensemble = attributes_of(ensemble_node)
    generator = np.random.default_rng(1)
    count = 40
    # Thresholds are where answers change: numbers from among them and beside them; some keys are left out.
    limits = np.array([value for value, mode in zip(ensemble["nodes_values"], ensemble["nodes_modes"]) if mode != b"LEAF"])
    rows = [{str(key): float(np.float32(generator.choice(limits) + generator.choice([-1, 0, 1])))
             for key in vocabulary if generator.random() < 0.8} for _ in range(count)]
    vectorizer = DictVectorizer(dtype=np.float32, sparse=False, sort=False)
    vectorizer.fit([{str(key): 1.0 for key in vocabulary}])
    table = vectorizer.transform(rows)
    expected = np.full(count, np.float64(ensemble["base_values"][0]))
    for tree in trees_of(ensemble, len(vocabulary)):
        expected += tree.predict(table).ravel()
    assert len(set(expected.round(3))) > count // 2  # the data reach many leaves
    with tempfile.TemporaryDirectory() as scratch:
        (pathlib.Path(scratch) / "model.onnx").symlink_to(path.resolve())
        for number, row in enumerate(rows):
            folder = pathlib.Path(scratch) / f"test_data_set_{number}"
            folder.mkdir()
            proto = onnx.MapProto(name="float_input", key_type=onnx.TensorProto.INT64)
            proto.keys.extend(int(key) for key in row)
            proto.values.elem_type = onnx.SequenceProto.TENSOR
            proto.values.tensor_values.extend(numpy_helper.from_array(np.float32(value)) for value in row.values())
            (folder / "input_0.pb").write_bytes(proto.SerializeToString())
            output = numpy_helper.from_array(np.float32([[expected[number]]]), "variable1")
            (folder / "output_0.pb").write_bytes(output.SerializeToString())
        return subprocess.run([tool, "test", scratch, "--only-plugin-dirs", "--plugin-dir", plugins, "--rtol", "1e-5",
                               "--atol", "1e-5"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
