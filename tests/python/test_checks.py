"""The checks that guard the tree are themselves checked: each is shown something bad and has to say so."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import check_includes
import check_purity
import check_style
import pytest


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


GOOD_TREE = {
    "foundation/time.hpp": "#include <chrono>\n",
    "rules/licence.hpp": '#include "foundation/time.hpp"\n',
    "identity/keys.cpp": '#include <openssl/evp.h>\n#include "foundation/time.hpp"\n',
    "message/json.cpp": "#include <nlohmann/json.hpp>\n",
    "message/mmi.hpp": "#include <nlohmann/json_fwd.hpp>\n",
    "licensing/agent.hpp": '#include "rules/licence.hpp"\n#include "message/mmi.hpp"\n',
    "io/local/clock.hpp": '#include "foundation/time.hpp"\n',
    "io/net/http.cpp": "#include <curl/curl.h>\n#include <openssl/ssl.h>\n",
    "examples/agent.cpp": '#include "io/local/clock.hpp"\n',
}


def test_a_good_tree_has_no_violations(tmp_path: Path) -> None:
    assert list(check_includes.violations(tree(tmp_path, GOOD_TREE))) == []


@pytest.mark.parametrize(
    ("file", "include", "said"),
    [
        ("foundation/a.cpp", '"rules/licence.hpp"', "foundation may not include rules"),
        ("rules/a.cpp", '"identity/keys.hpp"', "rules may not include identity"),
        ("identity/a.cpp", '"message/mmi.hpp"', "identity may not include message"),
        ("licensing/a.cpp", '"io/local/clock.hpp"', "licensing may not include io/local"),
        ("message/a.cpp", "<nlohmann/json.hpp>", "only in message/json.cpp"),
        ("rules/a.cpp", "<nlohmann/json_fwd.hpp>", "only in message/* and licensing/*"),
        ("message/a.cpp", "<openssl/evp.h>", "only in identity/* and io/net/*"),
        ("io/local/a.cpp", "<openssl/evp.h>", "only in identity/* and io/net/*"),
        ("io/local/a.cpp", "<curl/curl.h>", "only in io/net/*"),
        ("rules/a.cpp", "<pybind11/pybind11.h>", "only in bindings/"),
        ("rules/a.cpp", '"../foundation/time.hpp"', "not a path from cpp/"),
        ("rules/a.cpp", "<foundation/time.hpp>", "included with quotes"),
        ("cellar/a.cpp", "<vector>", "the room cellar has no arrows"),
    ],
)
def test_an_include_against_an_arrow_is_found(tmp_path: Path, file: str, include: str, said: str) -> None:
    cpp = tree(tmp_path, {**GOOD_TREE, "identity/keys.hpp": "", file: f"\n  # include {include}\n"})
    (violation,) = check_includes.violations(cpp)
    assert violation.startswith(f"{file}:{1 if 'cellar' in file else 2}: ")
    assert said in violation


def test_include_check_exits_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tree(tmp_path, {"foundation/a.cpp": "#include <curl/curl.h>\n"})
    assert check_includes.main([str(bad)]) == 1
    assert "cpp/foundation/a.cpp:1: <curl/curl.h>" in capsys.readouterr().out


IMPURE = """
time
clock_gettime
gettimeofday
std::chrono::_V2::system_clock::now()
localtime_r
mktime
X509_gmtime_adj
X509_cmp_current_time
X509_time_adj_ex
nanosleep
getrandom
getentropy
rand
std::random_device::_M_getval()
RAND_bytes
BN_rand
socket
connect
getaddrinfo
open
fopen64
read
__read_chk
pwrite
close
mmap
BIO_new_file
pthread_create
std::basic_ofstream<char, std::char_traits<char> >::basic_ofstream()
std::filesystem::exists(std::filesystem::__cxx11::path const&)
std::thread::_M_start_thread(std::unique_ptr<std::thread::_State>, void (*)())
fork
execve
printf
__fprintf_chk
puts
std::cout
std::ios_base::Init::Init()
getenv
abort
syscall
""".strip().splitlines()


@pytest.mark.parametrize("symbol", IMPURE)
def test_an_impure_symbol_is_found(symbol: str) -> None:
    (said,) = check_purity.violations(f"lib/libsmartlic_rules.a:pool.cpp.o:                 U {symbol}\n")
    assert said.startswith(f"libsmartlic_rules.a:pool.cpp.o: {symbol} ")


def test_every_denied_family_has_an_example() -> None:
    signing = {denied for denied in check_purity.DENIED if denied.except_in}
    unseen = [
        denied.pattern
        for denied in set(check_purity.DENIED) - signing
        if not any(re.fullmatch(denied.pattern, symbol) for symbol in IMPURE)
    ]
    assert unseen == []


@pytest.mark.parametrize("symbol", ["memcpy", "snprintf", "__assert_fail", "std::__throw_bad_alloc()", "EVP_Digest"])
def test_a_pure_symbol_is_let_through(symbol: str) -> None:
    assert list(check_purity.violations(f"x.a:y.cpp.o:                 U {symbol}\n")) == []


@pytest.mark.parametrize("symbol", ["EVP_DigestSign", "EVP_PKEY_keygen", "X509_sign", "X509_REQ_sign_ctx"])
def test_only_the_key_file_signs(symbol: str) -> None:
    assert list(check_purity.violations(f"x.a:keys.cpp.o:    U {symbol}\n")) == []
    assert list(check_purity.violations(f"x.a:authority.cpp.o:    U {symbol}\n")) != []


def test_a_compiled_clock_is_found(tmp_path: Path) -> None:
    (tmp_path / "pool.cpp").write_text(
        "#include <chrono>\nlong f() { return std::chrono::system_clock::now().time_since_epoch().count(); }\n"
    )
    subprocess.run(["g++", "-c", "pool.cpp", "-o", "pool.o"], cwd=tmp_path, check=True)
    found = list(check_purity.violations(check_purity.undefined_symbols(tmp_path / "pool.o")))
    assert found == ["pool.o: std::chrono::_V2::system_clock::now() reads a clock"]


def test_a_room_without_an_archive_is_found(tmp_path: Path) -> None:
    cpp = tree(tmp_path, {"cpp/rules/pool.cpp": "", "cpp/logs/reader.hpp": ""}) / "cpp"
    assert check_purity.archives(tmp_path / "build", cpp) == {"rules": None}


def test_a_long_file_is_found() -> None:
    assert list(check_style.violations({"a.py": "x\n" * 500})) == []
    assert list(check_style.violations({"a.py": "x\n" * 501})) == ["a.py:501: 501 lines; a file has at most 500"]


def test_suppressions_are_named_and_few() -> None:
    named = "f();  // NOLINT(bugprone-infinite-loop)\n"
    assert list(check_style.violations({"a.cpp": named * 10})) == []
    assert list(check_style.violations({"a.cpp": named * 11}))[-1].startswith("11 suppressed warnings")
    for bare in ("// NOLINT", "# noqa", "# type: ignore"):
        assert list(check_style.violations({"a": bare})) == ["a:1: a suppression names the check that it silences"]


@pytest.mark.parametrize("word", ["TODO", "FIXME", "GTEST_SKIP()", "@pytest.mark.skip", "DISABLED_Test"])
def test_unfinished_work_is_found(word: str) -> None:
    (violation,) = check_style.violations({"a.cpp": f"// {word}\n"})
    assert violation.startswith("a.cpp:1: unfinished")
