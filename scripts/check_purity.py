"""Checks that the core touches nothing of the world: no clock, file, socket, random number, thread, output (DESIGN 3).

`check_purity.py BUILD` reads, with nm, the undefined symbols of the core's static archives below the CMake build folder
BUILD, prints one line for each that is denied, and exits 1 if there is one. The other half of the proof is
tests/python/test_purity.py, which watches the operations run.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CORE_ROOMS = ("foundation", "rules", "admission", "identity", "message", "licensing", "simulation", "logs")


@dataclass(frozen=True)
class Denied:
    """A family of symbols, as a regular expression over demangled names, and why the core may not use it."""

    pattern: str
    reason: str
    except_in: str = ""  # the one object file that may


DENIED = (
    Denied(r"(time|clock|clock_gettime|clock_getres|gettimeofday|timespec_get|ftime)", "reads a clock"),
    Denied(r"std::chrono::.*::now\(\)", "reads a clock"),
    Denied(r"(localtime|localtime_r|mktime|tzset|ctime|ctime_r)", "reads the machine's time zone"),
    Denied(
        r"X509_(gmtime_adj|time_adj|time_adj_ex|cmp_current_time|cmp_time)|ASN1_TIME_diff",
        "reads a clock when its time is null",
    ),
    Denied(r"(clock_nanosleep|nanosleep|usleep|sleep|sched_yield|std::this_thread::.*)", "waits"),
    Denied(r"(getrandom|getentropy|arc4random\w*)", "draws a random number"),
    Denied(r"(random|srandom|random_r|rand|srand|rand_r|[delmnj]rand48|srand48)", "draws a random number"),
    Denied(r"std::random_device::.*", "draws a random number"),
    Denied(r"(RAND_\w+|BN_(priv_|pseudo_)?rand\w*)", "draws a random number; entropy is an argument"),
    Denied(
        r"EVP_DigestSign\w*|EVP_PKEY_(sign|keygen|generate|paramgen|Q_keygen)\w*|EVP_PKEY_Q_keygen",
        "lets OpenSSL draw its own randomness, as only identity/keys.cpp may",
        except_in="keys.cpp.o",
    ),
    Denied(
        r"(X509|X509_REQ|X509_CRL|ASN1_item)_sign(_ctx)?|(RSA|EC_KEY)_generate_key\w*|(RSA|ECDSA)_(do_)?sign\w*",
        "lets OpenSSL draw its own randomness, as only identity/keys.cpp may",
        except_in="keys.cpp.o",
    ),
    Denied(
        r"(socket|connect|bind|listen|accept4?|shutdown|send|sendto|sendmsg|recv|recvfrom|recvmsg)", "uses a socket"
    ),
    Denied(
        r"(getaddrinfo|gethostby\w+|poll|ppoll|p?select|epoll_\w+|BIO_(new_connect|s_connect|s_socket))",
        "uses the network",
    ),
    Denied(
        r"(open|open64|openat|openat64|creat|creat64|fopen|fopen64|fdopen|freopen|freopen64|opendir)", "opens a file"
    ),
    Denied(
        r"(__)?(read|pread|pread64|readv|write|pwrite|pwrite64|writev|fread|fwrite|fgets|fputs|fputc)(_chk)?",
        "reads or writes a file",
    ),
    Denied(
        r"(close|fclose|fsync|fdatasync|rename|renameat|unlink|remove|mkdir|stat|fstat|lstat|stat64|fstat64|ioctl)",
        "uses a file",
    ),
    Denied(r"(mmap|mmap64|munmap|msync|shm_open|shm_unlink|memfd_create)", "maps memory, which io/local hands in"),
    Denied(r"std::(__cxx11::)?basic_(fstream|ifstream|ofstream|filebuf)<.*", "uses a file"),
    Denied(r"std::filesystem::.*", "uses a file"),
    Denied(r"(BIO_new_file|BIO_new_fp|BIO_s_file|OSSL_STORE_open\w*|X509_STORE_(load|set_default)\w*)", "uses a file"),
    Denied(r"(pthread_create|thrd_create|std::thread::_M_start_thread\(.*)", "starts a thread"),
    Denied(r"(fork|vfork|clone|execl\w*|execv\w*|posix_spawnp?|system|popen)", "starts a process"),
    Denied(r"(__)?(v?f?printf|v?dprintf)(_chk)?|puts|putchar|putc|perror|ERR_print_errors\w*", "prints"),
    Denied(r"(stdin|stdout|stderr|std::(w?cout|w?cerr|w?clog|w?cin)|std::ios_base::Init::.*)", "prints"),
    Denied(r"(getenv|secure_getenv|setenv|putenv|environ|setlocale)", "reads the environment"),
    Denied(r"(abort|exit|_exit|quick_exit)", "ends the process, which is the caller's to decide"),
    Denied(r"(syscall|signal|sigaction|gethostname|uname|getpid|sysconf)", "asks the machine"),
)

_UNDEFINED = re.compile(r"^(?P<object>[^:]+(?::[^:]+)?):\s+U (?P<symbol>.+)$")


def violations(nm_output: str) -> Iterator[str]:
    """One sentence for each denied symbol in the output of `nm -A -C --undefined-only`."""
    for line in nm_output.splitlines():
        found = _UNDEFINED.match(line)
        if found is None:
            continue
        symbol = re.sub(r"@.*$", "", found["symbol"])
        for denied in DENIED:
            allowed = denied.except_in and found["object"].endswith(f":{denied.except_in}")
            if not allowed and re.fullmatch(denied.pattern, symbol):
                yield f"{Path(found['object']).name}: {symbol} {denied.reason}"


def undefined_symbols(archive: Path) -> str:
    """What nm says about an archive or object file. Raises CalledProcessError if it is none."""
    command = ["nm", "-A", "-C", "--undefined-only", str(archive)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def archives(build: Path, cpp: Path) -> dict[str, Path | None]:
    """The archive of each core room that has sources; None where the build has none."""
    rooms = [room for room in CORE_ROOMS if any((cpp / room).glob("*.cpp"))]
    return {room: next(build.rglob(f"libsmartlic_{room}.a"), None) for room in rooms}


def main(arguments: list[str]) -> int:
    """Checks the archives of the build folder given."""
    build, cpp = Path(arguments[0]), Path(__file__).resolve().parent.parent / "cpp"
    found = []
    for room, archive in archives(build, cpp).items():
        if archive is None:
            found.append(f"{build} has no archive of the room {room}")
        else:
            found += violations(undefined_symbols(archive))
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
