#!/usr/bin/env bash
# The gate on any machine: makes an environment, installs the project of the current folder and bufspec in it, and
# judges what [tool.bufspec] names.  Usage: gate.sh [FOLDER_OF_THE_ENVIRONMENT]
#
# PYTHON: the interpreter (python3).  BUFSPEC: what pip installs as bufspec (bufspec).  PROJECT: the same of the
# project (.).  The exit code is that of bufspec: 0 nothing new, 1 a new failure, 2 wrong usage, 3 not finished.
set -euo pipefail

environment=${1:-build/bufspec-gate}
"${PYTHON:-python3}" -m venv "${environment}"
"${environment}/bin/python" -m pip install --quiet "${PROJECT:-.}" "${BUFSPEC:-bufspec}"
"${environment}/bin/bufspec" check
