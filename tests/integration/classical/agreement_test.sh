#!/bin/sh
# Runs agreement_test.py in its environment. Exit status 77: there is none.
here=$(dirname "$0")
python=$here/../../../.venv-classical/bin/python
if [ ! -x "$python" ]; then
    echo "skipped: tests/setup.sh --classical makes the environment with scikit-learn, LightGBM and XGBoost"
    exit 77
fi
exec "$python" "$here/agreement_test.py" "$@"
