# System packages first; a pinned FetchContent is the fallback for what is small and header-like (DESIGN 5).
include(FetchContent)

find_package(OpenSSL 3.0 COMPONENTS Crypto)
find_package(CURL)
find_package(ZLIB)
if(NOT OpenSSL_FOUND OR NOT CURL_FOUND OR NOT ZLIB_FOUND)
  message(FATAL_ERROR
    "smartlic needs OpenSSL 3, libcurl and zlib with their headers. On Debian or Ubuntu:\n"
    "  sudo apt-get install libssl-dev libcurl4-openssl-dev zlib1g-dev")
endif()

find_package(nlohmann_json 3.11 QUIET)
if(NOT nlohmann_json_FOUND)
  FetchContent_Declare(nlohmann_json
    URL https://github.com/nlohmann/json/releases/download/v3.11.3/json.tar.xz
    URL_HASH SHA256=d6c65aca6b1ed68e7a182f4757257b107ae403032760ed6ef121c9d55e81757d)
  FetchContent_MakeAvailable(nlohmann_json)
endif()

if(SMARTLIC_TESTS)
  find_package(GTest 1.12 QUIET)
  if(NOT GTest_FOUND)
    FetchContent_Declare(googletest GIT_REPOSITORY https://github.com/google/googletest GIT_TAG v1.14.0)
    FetchContent_MakeAvailable(googletest)
  endif()
endif()

if(SMARTLIC_BENCH)
  find_package(benchmark 1.7 QUIET)
  if(NOT benchmark_FOUND)
    set(BENCHMARK_ENABLE_TESTING OFF)
    FetchContent_Declare(benchmark GIT_REPOSITORY https://github.com/google/benchmark GIT_TAG v1.8.3)
    FetchContent_MakeAvailable(benchmark)
  endif()
endif()

if(SMARTLIC_BINDINGS)
  find_package(Python 3.11 REQUIRED COMPONENTS Interpreter Development.Module)
  execute_process(COMMAND "${Python_EXECUTABLE}" -m pybind11 --cmakedir
    OUTPUT_VARIABLE pybind11_hint OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  find_package(pybind11 3.1 CONFIG REQUIRED HINTS "${pybind11_hint}")
endif()
