#!/bin/sh
# Installs Liangyun from this folder alone: no network is used.
#   sh install.sh [--prefix FOLDER] [--bin FOLDER]
# As root into /opt/liangyun and /usr/local/bin, else into ~/.local/lib/liangyun and ~/.local/bin.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
if [ "$(id -u)" = 0 ]; then
    prefix=/opt/liangyun bin=/usr/local/bin
else
    prefix=$HOME/.local/lib/liangyun bin=$HOME/.local/bin
fi
while [ $# -gt 0 ]; do
    case "$1" in
        --prefix) prefix=$2; shift 2 ;;
        --bin) bin=$2; shift 2 ;;
        *) echo "用法: sh install.sh [--prefix 文件夹] [--bin 文件夹]" >&2; exit 2 ;;
    esac
done

python=
for name in $(cat "$here/PYTHONS"); do
    found=$(command -v "python$name" || true)
    if [ -n "$found" ] && "$found" -c 'import venv' 2>/dev/null; then
        python=$found
        break
    fi
done
if [ -z "$python" ] && command -v python3 >/dev/null && python3 -c 'import venv' 2>/dev/null; then
    python=$(command -v python3)
fi
if [ -z "$python" ]; then
    echo "找不到 Python ($(tr '\n' ' ' < "$here/PYTHONS")之一): 先装好 Python 3.11 或更新的版本 (PYTHON-NONE)" >&2
    exit 4
fi
"$python" "$here/check.py"

venv=$prefix/$(cat "$here/VERSION")
mkdir -p "$prefix" "$bin"
rm -rf "$venv"
trap 'rm -rf "$venv"' EXIT
trap 'exit 130' INT TERM
"$python" -m venv --without-pip "$venv"
set -- "$here"/wheels/pip-*.whl
"$python" "$1/pip" --python "$venv/bin/python" --isolated --no-cache-dir --disable-pip-version-check install --quiet \
    --no-index --find-links "$here/wheels" --only-binary :all: --require-hashes \
    -r "$here/requirements.txt" -r "$here/program.txt"
"$venv/bin/liangyun" --version
trap - EXIT
ln -sfn "$venv/bin/liangyun" "$bin/liangyun"

case ":$PATH:" in
    *":$bin:"*) echo "已安装: liangyun" ;;
    *)
        profile=$HOME/.profile
        line="export PATH=\"$bin:\$PATH\""
        grep -qsxF "$line" "$profile" || printf '%s\n' "$line" >> "$profile"
        echo "已安装: $bin/liangyun; 重新登录后可直接写 liangyun ($profile 里加了一行)"
        ;;
esac
