@echo off
rem Installs Liangyun from this folder alone: no network is used.
rem   install.cmd [FOLDER]        default: %LOCALAPPDATA%\Programs\liangyun
setlocal EnableExtensions
chcp 65001 >nul
set "HERE=%~dp0"
set "PREFIX=%~1"
if not defined PREFIX set "PREFIX=%LOCALAPPDATA%\Programs\liangyun"
set /p VERSION=<"%HERE%VERSION"

set "PYTHON="
for /f "usebackq" %%v in ("%HERE%PYTHONS") do (
    if not defined PYTHON (
        py -%%v -c "import venv" >nul 2>nul && set "PYTHON=py -%%v"
    )
)
if not defined PYTHON (
    python -c "import sys, venv; sys.exit(sys.version_info < (3, 11))" >nul 2>nul && set "PYTHON=python"
)
if not defined PYTHON (
    echo 找不到 Python: 先装好 Python 3.11 或更新的版本 ^(PYTHON-NONE^) 1>&2
    exit /b 4
)
%PYTHON% "%HERE%check.py" || exit /b 4

set "VENV=%PREFIX%\%VERSION%"
if exist "%VENV%" rmdir /s /q "%VENV%"
%PYTHON% -m venv --without-pip "%VENV%" || exit /b 1
for %%w in ("%HERE%wheels\pip-*.whl") do set "PIP=%%~fw\pip"
%PYTHON% "%PIP%" --python "%VENV%\Scripts\python.exe" --isolated --no-cache-dir --disable-pip-version-check install ^
    --quiet --no-index --find-links "%HERE%wheels" --only-binary :all: --require-hashes ^
    -r "%HERE%requirements.txt" -r "%HERE%program.txt" || (rmdir /s /q "%VENV%" & exit /b 1)
"%VENV%\Scripts\liangyun.exe" --version || exit /b 1

if not exist "%PREFIX%\bin" mkdir "%PREFIX%\bin"
> "%PREFIX%\bin\liangyun.cmd" echo @"%VENV%\Scripts\liangyun.exe" %%*
powershell -NoProfile -ExecutionPolicy Bypass -Command ^
    "$bin = '%PREFIX%\bin'; $path = [Environment]::GetEnvironmentVariable('Path', 'User');" ^
    "if (-not (($path -split ';') -contains $bin)) { [Environment]::SetEnvironmentVariable('Path', ($path.TrimEnd(';') + ';' + $bin), 'User') }"
echo 已安装: 重新打开命令窗口后可直接写 liangyun
endlocal
