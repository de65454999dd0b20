#!/bin/sh
# run_test.sh WHAT TOOL PLUGIN_DIR: runs WHAT_test.py in its environment. Exit status 77: there is none, or no models.
here=$(dirname "$0")
what=$1
shift
case $what in
    sizes) environment=.venv flag=--bench ;;
    *) environment=.venv-classical flag=--classical ;;
esac
python=$here/../../../$environment/bin/python
if [ ! -x "$python" ]; then
    echo "skipped: tests/setup.sh $flag makes the environment that this needs"
    exit 77
fi
if [ -z "${BACKPLANE_MODELS:-}" ]; then
    echo "skipped: BACKPLANE_MODELS names no folder of models"
    exit 77
fi
exec "$python" "$here/${what}_test.py" "$@"
