// io/local for Python: part of smartlic._gate, which loads no TLS.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>
#include <pybind11/typing.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "errors.hpp"
#include "io/local/clock.hpp"
#include "io/local/entropy.hpp"
#include "io/local/file_pieces.hpp"
#include "io/local/files.hpp"
#include "io/local/state_folder.hpp"
#include "register.hpp"
#include "time_casters.hpp"

namespace py = pybind11;

namespace smartlic::bindings {
namespace {

namespace fs = std::filesystem;

/// Runs `action`, which waits for a disk, without the GIL.
template <class Action>
auto without_gil(Action action) {
  const py::gil_scoped_release released;
  return action();
}

Bytes entropy(std::size_t count) {
  Bytes drawn(count);
  unwrap(io::fill_entropy(drawn));
  return drawn;
}

void register_files(py::module_& module) {
  module.def(
      "read_file",
      [](const fs::path& path, std::size_t limit) {
        return unwrap(without_gil([&] { return io::read_file(path, limit); }));
      },
      py::arg("path"), py::kw_only(), py::arg("limit"),
      "Reads a file of at most `limit` bytes.\n\n"
      "Raises InputError (not_found), StorageError (storage_failed, also for a larger file).");
  module.def(
      "write_file_atomic",
      [](const fs::path& path, ByteView content, unsigned mode) {
        unwrap(without_gil([&] { return io::write_file_atomic(path, content, mode); }));
      },
      py::arg("path"), py::arg("content"), py::kw_only(), py::arg("mode") = io::private_mode,
      "Replaces a file, or makes it, with the permissions `mode` (0o600), durably: after a crash "
      "the\n"
      "old file or the new one is there, whole.\n\n"
      "Raises InputError (not_found: no such directory), StorageError (storage_full,\n"
      "storage_failed); the old file is then unchanged.");
  module.def(
      "create_file_atomic",
      [](const fs::path& path, ByteView content, unsigned mode) {
        unwrap(without_gil([&] { return io::create_file_atomic(path, content, mode); }));
      },
      py::arg("path"), py::arg("content"), py::kw_only(), py::arg("mode") = io::private_mode,
      "As `write_file_atomic`, but never replaces anything.\n\n"
      "Raises InputError (already_exists) too.");
}

/// A piece as a memoryview that is no more than the call: what is kept of it raises, and reads
/// nothing.
void register_pieces(py::module_& module) {
  using Take = py::typing::Callable<bool(py::memoryview, std::uint64_t, std::uint64_t)>;
  module.def(
      "each_piece",
      [](const fs::path& path, const Take& take) {
        return unwrap(
            io::each_piece(path, [&](ByteView piece, std::uint64_t done, std::uint64_t size) {
              const auto view =
                  py::memoryview::from_memory(piece.data(), static_cast<py::ssize_t>(piece.size()));
              // Released whatever `take` does, as the memory goes.
              try {
                const bool on = !take(view, done, size).is(py::bool_{false});
                view.attr("release")();
                return on;
              } catch (...) {
                Py_XDECREF(PyObject_CallMethod(view.ptr(), "release", nullptr));
                PyErr_Clear();
                throw;
              }
            }));
      },
      py::arg("path"), py::arg("take"),
      "Gives a file's bytes to `take(piece, done, size)` in their order, until that returns "
      "False:\n"
      "those of a plain file as they lie in its mapping, those of a gzip file inflated. `piece` is "
      "a\n"
      "memoryview for the length of the call; `done` of `size` bytes of the file have been read.\n"
      "Returns what is wrong with a damaged gzip file after all that can be read of it, else "
      "None.\n\n"
      "Raises InputError (not_found), StorageError (storage_failed), and what `take` raises.");
}

constexpr auto folder_doc =
    R"(An agent's durable state: one folder, one state, one process at a time.

Holds the folder's lock until `close`, the end of a `with` block, or the end of the process. `load`
gives the state that was last saved, never an older one (RULES M11). A checksum finds accidents; that
a state is genuine is for the agent to check. Not thread-safe.)";

/// A StateFolder that Python can close.
class Folder {
 public:
  Folder(const fs::path& path, bool create)
      : open_{unwrap(without_gil([&] { return io::StateFolder::open(path, create); }))} {}

  [[nodiscard]] io::StateFolder& get() {
    if (!open_) throw_error({Errc::invalid_argument, "the state folder is closed"});
    return *open_;
  }
  void close() { open_.reset(); }

 private:
  std::optional<io::StateFolder> open_;
};

void register_state_folder(py::module_& module) {
  py::class_<Folder>(module, "StateFolder", folder_doc)
      .def(py::init<const fs::path&, bool>(), py::arg("path"), py::kw_only(), py::arg("create"),
           "Opens and locks the folder; with `create`, a missing one is made (0700).\n\n"
           "Raises InputError (not_found), StorageError (locked, storage_failed, storage_full).")
      .def_static(
          "peek",
          [](const fs::path& path) {
            return unwrap(without_gil([&] { return io::StateFolder::peek(path); }));
          },
          py::arg("path"),
          "Reads a folder's state without its lock, for a look beside a running agent.\n\n"
          "Raises what `load` does, and InputError (not_found) if there is no folder.")
      .def(
          "load",
          [](Folder& folder) {
            const auto& state = folder.get();
            return unwrap(without_gil([&] { return state.load(); }));
          },
          "Returns the state last saved, or None if there never was one.\n\n"
          "Raises StorageError (state_damaged, state_version, storage_failed).")
      .def(
          "save",
          [](Folder& folder, ByteView content) {
            auto& state = folder.get();
            unwrap(without_gil([&] { return state.save(content); }));
          },
          py::arg("content"),
          "Replaces the state, durably.\n\n"
          "Raises StorageError (storage_full, storage_failed; the old state is then unchanged),\n"
          "InputError (invalid_argument) above 4 MiB.")
      .def("close", &Folder::close, "Gives the lock up; doing so again does nothing.")
      .def_property_readonly(
          "path", [](Folder& folder) { return folder.get().path(); }, "The folder, absolute.")
      .def("__enter__", [](py::object self) { return self; })
      .def("__exit__", [](Folder& folder, const py::args&) { folder.close(); });
}

}  // namespace

void register_io_local(py::module_& module) {
  module.def(
      "read_clock", [] { return unwrap(io::read_clock()); },
      "Reads the wall clock, the boot clock and the boot's identity as one Now (RULES T1).\n\n"
      "Raises StorageError (storage_failed) if the system has none of them.");
  module.def("entropy", &entropy, py::arg("count"),
             "Returns `count` random bytes of the kernel (getrandom).");
  register_files(module);
  register_pieces(module);
  register_state_folder(module);
}

}  // namespace smartlic::bindings
