// Preloaded (LD_PRELOAD) into the program of operations.cpp: stands before the functions that tell
// the time, draw randomness or open its device, notes the calls and passes them on. It also stands
// before OpenSSL's generation of keys and its signing, inside which OpenSSL draws its own
// randomness and the core is allowed to let it (DESIGN 3).
//
// One operation per process: OpenSSL seeds its generator once, so a second operation would look
// cleaner than it is.

#include <dlfcn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string_view>

namespace {

enum Watched : unsigned char {
  w_time,
  w_clock_gettime,
  w_gettimeofday,
  w_getentropy,
  w_getrandom,
  w_device,
  w_count
};
constexpr std::array<const char*, w_count> names{"time",       "clock_gettime", "gettimeofday",
                                                 "getentropy", "getrandom",     "/dev/urandom"};

bool armed = false;
int key_depth = 0;
std::array<std::array<int, w_count>, 2> calls{};

void note(Watched what) {
  if (armed) ++calls[key_depth > 0 ? 1U : 0U][what];
}

void note_path(const char* path) {
  if (std::string_view{path}.starts_with("/dev/") && std::strstr(path, "random") != nullptr)
    note(w_device);
}

/// The function that the shim stands before.
template <class Function>
Function* next(Function* /*same*/, const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

struct InsideKey {
  InsideKey() { ++key_depth; }
  ~InsideKey() { --key_depth; }
  InsideKey(const InsideKey&) = delete;
  InsideKey& operator=(const InsideKey&) = delete;
};

}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))
// A function of OpenSSL that identity/keys.cpp generates a key or signs with: runs it as allowed to
// draw randomness.
#define KEY_OPERATION(result, name, parameters, arguments) \
  EXPORT result name parameters {                          \
    const InsideKey inside;                                \
    return next(&name, #name) arguments;                   \
  }

/// From now on, until `smartlic_purity_disarm`, calls that reach for the world are noted.
EXPORT void smartlic_purity_arm() { armed = true; }

/// Stops noting. Prints one line for each noted function to standard output: `<where> <function>
/// <calls>`, where `where` is `key` for calls made while OpenSSL generates a key or signs, and
/// `core` for all others.
EXPORT void smartlic_purity_disarm() {
  armed = false;
  for (std::size_t where = 0; where < calls.size(); ++where) {
    for (std::size_t what = 0; what < w_count; ++what) {
      if (calls[where][what] > 0)
        std::printf("%s %s %d\n", where == 0 ? "core" : "key", names[what], calls[where][what]);
    }
  }
  std::fflush(stdout);
}

EXPORT time_t time(time_t* out) noexcept {
  note(w_time);
  return next(&time, "time")(out);
}

EXPORT int clock_gettime(clockid_t clock, timespec* out) noexcept {
  note(w_clock_gettime);
  return next(&clock_gettime, "clock_gettime")(clock, out);
}

EXPORT int gettimeofday(timeval* out, void* zone) noexcept {
  note(w_gettimeofday);
  return next(&gettimeofday, "gettimeofday")(out, zone);
}

EXPORT int getentropy(void* out, size_t size) {
  note(w_getentropy);
  return next(&getentropy, "getentropy")(out, size);
}

EXPORT ssize_t getrandom(void* out, size_t size, unsigned flags) {
  note(w_getrandom);
  return next(&getrandom, "getrandom")(out, size, flags);
}

// OpenSSL asks the kernel itself where the C library has no getentropy. Six words are all that a
// system call takes.
EXPORT long syscall(long number, ...) noexcept {
  va_list list;
  va_start(list, number);
  std::array<long, 6> words{};
  for (long& word : words) word = va_arg(list, long);
  va_end(list);
  if (number == SYS_getrandom) note(w_getrandom);
  return next(&syscall, "syscall")(number, words[0], words[1], words[2], words[3], words[4],
                                   words[5]);
}

EXPORT int open(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const unsigned mode = va_arg(list, unsigned);
  va_end(list);
  note_path(path);
  return next(&open, "open")(path, flags, mode);
}

EXPORT FILE* fopen(const char* path, const char* mode) {
  note_path(path);
  return next(&fopen, "fopen")(path, mode);
}

EXPORT FILE* fopen64(const char* path, const char* mode) {
  note_path(path);
  return next(&fopen64, "fopen64")(path, mode);
}

KEY_OPERATION(int, EVP_PKEY_generate, (EVP_PKEY_CTX * context, EVP_PKEY** key), (context, key))
KEY_OPERATION(int, EVP_PKEY_sign,
              (EVP_PKEY_CTX * context, unsigned char* out, size_t* size, const unsigned char* hash,
               size_t hash_size),
              (context, out, size, hash, hash_size))
KEY_OPERATION(int, X509_sign, (X509 * certificate, EVP_PKEY* key, const EVP_MD* digest),
              (certificate, key, digest))
KEY_OPERATION(int, X509_REQ_sign, (X509_REQ * request, EVP_PKEY* key, const EVP_MD* digest),
              (request, key, digest))
