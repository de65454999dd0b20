"""Estimators of scikit-learn, LightGBM and XGBoost, trained on made-up data and exported to ONNX."""

import dataclasses
import warnings

import numpy as np
import lightgbm
import xgboost
from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
from skl2onnx import convert_sklearn, to_onnx, update_registered_converter
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from skl2onnx.common.shape_calculator import (
    calculate_linear_classifier_output_shapes,
    calculate_linear_regressor_output_shapes,
)
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.datasets import make_classification, make_regression
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    KBinsDiscretizer,
    MaxAbsScaler,
    Normalizer,
    OneHotEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC, SVR, LinearSVC, NuSVC, OneClassSVM
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

OPSET = {"": 17, "ai.onnx.ml": 3}
ROWS = 300
WORDS = "the tree of a red apple runs over green hills and THE small house Sees rain again".split()


@dataclasses.dataclass
class Export:
    """A model, its inputs by name, and what the library gives for them, in the order of the outputs."""

    name: str
    model: object
    inputs: dict
    expected: list
    tolerance: float = 1e-5


def register_boosters():
    classes = {
        lightgbm.LGBMClassifier: (convert_lightgbm, calculate_linear_classifier_output_shapes),
        lightgbm.LGBMRegressor: (convert_lightgbm, calculate_linear_regressor_output_shapes),
        xgboost.XGBClassifier: (convert_xgboost, calculate_linear_classifier_output_shapes),
        xgboost.XGBRegressor: (convert_xgboost, calculate_linear_regressor_output_shapes),
    }
    for kind, (convert, shapes) in classes.items():
        options = {"zipmap": [True, False, "columns"], "nocl": [True, False]} if "Classifier" in kind.__name__ else None
        update_registered_converter(kind, kind.__name__, shapes, convert, options=options)


def classes(count, seed=0):
    x, y = make_classification(
        ROWS, 8, n_informative=6, n_redundant=0, n_classes=count, random_state=seed, class_sep=1.5
    )
    return x.astype(np.float32), y


def numbers(seed=0):
    x, y = make_regression(ROWS, 8, n_informative=6, noise=1.0, random_state=seed)
    return x.astype(np.float32), (y / np.abs(y).max()).astype(np.float32)


def with_gaps(x):
    x = x.copy()
    x[np.random.default_rng(2).random(x.shape) < 0.1] = np.nan
    return x


def classifier(name, estimator, count, scores="predict_proba", tolerance=1e-5, y=None, gaps=False, **options):
    x, labels = classes(count)
    x = with_gaps(x) if gaps else x
    labels = labels if y is None else y(labels)
    estimator.fit(x, labels)
    stated = {"zipmap": False, **options}
    options = {id(estimator): {name: value for name, value in stated.items() if value is not None}}
    model = to_onnx(estimator, x[:1], options=options, target_opset=OPSET)
    expected = [estimator.predict(x), getattr(estimator, scores)(x)]
    return Export(name, model, {"X": x}, expected, tolerance)


def regressor(name, estimator, tolerance=1e-5):
    x, y = numbers()
    estimator.fit(x, y)
    model = to_onnx(estimator, x[:1], target_opset=OPSET)
    return Export(name, model, {"X": x}, [estimator.predict(x).reshape(-1, 1)], tolerance)


def transformer(name, estimator, tolerance=1e-5):
    x, y = classes(3)
    estimator.fit(x, y)
    model = to_onnx(estimator, x[:1], target_opset=OPSET)
    expected = estimator.transform(x)
    return Export(name, model, {"X": x}, [getattr(expected, "toarray", lambda: expected)()], tolerance)


def outliers(name, estimator, tolerance=1e-5):
    x, _ = classes(2)
    estimator.fit(x)
    model = to_onnx(estimator, x[:1], target_opset=OPSET)
    expected = [estimator.predict(x).reshape(-1, 1), estimator.decision_function(x).reshape(-1, 1)]
    return Export(name, model, {"X": x}, expected, tolerance)


def mixed_columns():
    """Numbers with gaps and a column of words, as in a table."""
    x, y = classes(3)
    x = with_gaps(x[:, :4])
    random = np.random.default_rng(0)
    words = random.choice(["red", "green", "blue", "élan"], (ROWS, 1))
    table = np.concatenate([x.astype(object), words.astype(object)], axis=1)
    prepare = ColumnTransformer(
        [
            ("number", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), [0, 1, 2, 3]),
            ("word", OneHotEncoder(handle_unknown="ignore"), [4]),
        ]
    )
    pipeline = make_pipeline(prepare, LogisticRegression(max_iter=500))
    pipeline.fit(table, y)
    types = [(f"c{i}", FloatTensorType([None, 1])) for i in range(4)] + [("c4", StringTensorType([None, 1]))]
    options = {id(pipeline): {"zipmap": False}}
    model = convert_sklearn(pipeline, initial_types=types, options=options, target_opset=OPSET)
    inputs = {f"c{i}": x[:, i : i + 1] for i in range(4)}
    inputs["c4"] = words.astype(object)
    return Export("imputer + scaler + one-hot + logistic regression", model, inputs,
                  [pipeline.predict(table), pipeline.predict_proba(table)])


def texts():
    random = np.random.default_rng(1)
    return np.array([" ".join(random.choice(WORDS, random.integers(1, 12))) for _ in range(ROWS)], dtype=object)


def text_model(name, vectorizer, estimator=None):
    lines = texts()
    labels = np.array(["apple" in line for line in lines]).astype(np.int64)
    types = [("text", StringTensorType([None, 1]))]
    inputs = {"text": lines.reshape(-1, 1)}
    if estimator is None:
        vectorizer.fit(lines)
        model = convert_sklearn(vectorizer, initial_types=types, target_opset=OPSET)
        return Export(name, model, inputs, [vectorizer.transform(lines).toarray()])
    pipeline = make_pipeline(vectorizer, estimator)
    pipeline.fit(lines, labels)
    options = {id(pipeline): {"zipmap": False}}
    model = convert_sklearn(pipeline, initial_types=types, options=options, target_opset=OPSET)
    return Export(name, model, inputs, [pipeline.predict(lines), pipeline.predict_proba(lines)])


def as_words(labels):
    return np.array(["none", "some", "many", "all"])[labels]


def list_of():
    """Each export as a function, so that one that fails spoils no other."""
    register_boosters()
    small = {"n_estimators": 20, "random_state": 0}
    return [
        ("decision tree", lambda n: classifier(n, DecisionTreeClassifier(max_depth=6, random_state=0), 3)),
        ("decision tree regressor", lambda n: regressor(n, DecisionTreeRegressor(max_depth=8, random_state=0))),
        ("random forest of 2 classes", lambda n: classifier(n, RandomForestClassifier(**small), 2)),
        ("random forest of 4 classes", lambda n: classifier(n, RandomForestClassifier(**small), 4, y=as_words)),
        ("random forest regressor", lambda n: regressor(n, RandomForestRegressor(**small))),
        ("extra trees", lambda n: classifier(n, ExtraTreesClassifier(**small), 3)),
        ("gradient boosting of 2 classes", lambda n: classifier(n, GradientBoostingClassifier(**small), 2)),
        ("gradient boosting of 3 classes", lambda n: classifier(n, GradientBoostingClassifier(**small), 3)),
        ("gradient boosting regressor", lambda n: regressor(n, GradientBoostingRegressor(**small))),
        ("histogram boosting of 2 classes",
         lambda n: classifier(n, HistGradientBoostingClassifier(max_iter=20, random_state=0), 2)),
        ("histogram boosting of 3 classes",
         lambda n: classifier(n, HistGradientBoostingClassifier(max_iter=20, random_state=0), 3)),
        ("histogram boosting regressor",
         lambda n: regressor(n, HistGradientBoostingRegressor(max_iter=20, random_state=0))),
        ("LightGBM of 2 classes", lambda n: classifier(n, lightgbm.LGBMClassifier(verbose=-1, **small), 2)),
        ("LightGBM of 3 classes", lambda n: classifier(n, lightgbm.LGBMClassifier(verbose=-1, **small), 3)),
        ("LightGBM regressor", lambda n: regressor(n, lightgbm.LGBMRegressor(verbose=-1, **small))),
        ("XGBoost of 2 classes", lambda n: classifier(n, xgboost.XGBClassifier(**small), 2)),
        ("XGBoost of 3 classes", lambda n: classifier(n, xgboost.XGBClassifier(**small), 3)),
        ("XGBoost regressor", lambda n: regressor(n, xgboost.XGBRegressor(**small))),
        ("LightGBM with gaps", lambda n: classifier(n, lightgbm.LGBMClassifier(verbose=-1, **small), 3, gaps=True)),
        ("XGBoost with gaps", lambda n: classifier(n, xgboost.XGBClassifier(**small), 2, gaps=True)),
        ("SVC with probabilities", lambda n: classifier(n, SVC(probability=True, random_state=0), 3, tolerance=2e-5)),
        ("SVC of 2 classes", lambda n: classifier(n, SVC(kernel="poly", probability=True, random_state=0), 2,
                                                  tolerance=2e-5)),
        ("SVC with scores", lambda n: classifier(n, SVC(kernel="sigmoid", decision_function_shape="ovo"), 3,
                                                 "decision_function", tolerance=1e-4, raw_scores=True)),
        ("NuSVC", lambda n: classifier(n, NuSVC(kernel="linear", probability=True, random_state=0), 3, tolerance=2e-5)),
        ("SVR", lambda n: regressor(n, SVR())),
        ("linear SVC", lambda n: classifier(n, LinearSVC(), 3, "decision_function", zipmap=None, raw_scores=True)),
        ("logistic regression of 2 classes", lambda n: classifier(n, LogisticRegression(), 2, y=as_words)),
        ("logistic regression of 4 classes", lambda n: classifier(n, LogisticRegression(), 4)),
        ("linear regression", lambda n: regressor(n, LinearRegression())),
        ("ridge", lambda n: regressor(n, Ridge())),
        ("nearest neighbours", lambda n: classifier(n, KNeighborsClassifier(5), 3)),
        ("nearest neighbours regressor", lambda n: regressor(n, KNeighborsRegressor(4))),
        ("Gaussian naive Bayes", lambda n: classifier(n, GaussianNB(), 3)),
        ("perceptron", lambda n: classifier(n, MLPClassifier((16, 8), max_iter=150, random_state=0), 3)),
        ("perceptron regressor", lambda n: regressor(n, MLPRegressor(hidden_layer_sizes=(16,), max_iter=150, random_state=0))),
        ("AdaBoost", lambda n: classifier(n, AdaBoostClassifier(n_estimators=10, random_state=0), 3)),
        ("bagging", lambda n: classifier(n, BaggingClassifier(n_estimators=8, random_state=0), 3)),
        ("calibrated", lambda n: classifier(n, CalibratedClassifierCV(GaussianNB(), cv=3), 3)),
        ("voting", lambda n: classifier(n, VotingClassifier(
            [("a", GaussianNB()), ("b", LogisticRegression())], voting="soft", flatten_transform=False), 3)),
        ("scaler + logistic regression",
         lambda n: classifier(n, make_pipeline(StandardScaler(), LogisticRegression()), 3)),
        ("scaler + PCA + forest",
         lambda n: classifier(n, make_pipeline(RobustScaler(), PCA(4, random_state=0),
                                               RandomForestClassifier(**small)), 3)),
        ("normalizer", lambda n: transformer(n, make_pipeline(Normalizer("l1"), MaxAbsScaler()))),
        ("binarizer", lambda n: transformer(n, Binarizer(threshold=0.25))),
        ("bins", lambda n: transformer(n, KBinsDiscretizer(4, encode="onehot-dense"))),
        ("polynomials", lambda n: transformer(n, PolynomialFeatures(2), tolerance=1e-4)),
        ("table", lambda n: mixed_columns()),
        ("one-class SVM", lambda n: outliers(n, OneClassSVM(nu=0.2), tolerance=1e-4)),
        ("isolation forest", lambda n: outliers(n, IsolationForest(**small))),
        ("counted words", lambda n: text_model(n, CountVectorizer(ngram_range=(1, 2), token_pattern="[a-zA-Z0-9_]+"))),
        ("tf-idf of words", lambda n: text_model(n, TfidfVectorizer(stop_words=["the", "a"]))),
        ("tf-idf + logistic regression", lambda n: text_model(n, TfidfVectorizer(), LogisticRegression())),
    ]


def make_all(report, part=""):
    """Yields those with `part` in their name; report(name, reason) is told what the converters refuse."""
    for name, make in list_of():
        if part not in name:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                export = make(name)
            except Exception as error:  # a converter's limit, not ours
                report(name, f"{type(error).__name__}: {error}".splitlines()[0])
                continue
        export.name = name
        yield export
