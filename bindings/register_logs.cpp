// The reader of sml.log for Python (S17, S18, D1-D6): part of smartlic._core.

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "errors.hpp"
#include "guarded.hpp"
#include "logs/dating.hpp"
#include "logs/reader.hpp"
#include "logs/writer.hpp"
#include "register.hpp"
#include "time_casters.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace smartlic::bindings {
namespace {

using logs::Entitlement;
using logs::Entry;
using logs::LogReader;
using logs::Run;

/// What a log says need not be UTF-8.
py::str text(const std::string& bytes) {
  PyObject* out =
      PyUnicode_DecodeUTF8(bytes.data(), static_cast<py::ssize_t>(bytes.size()), "replace");
  if (out == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::str>(out);
}

std::optional<Ms> length(std::optional<std::chrono::seconds> seconds) { return seconds; }
std::optional<Ms> length(std::optional<std::chrono::minutes> minutes) { return minutes; }

/// An entry, and when it was written.
struct DatedEntry {
  Entry entry;
  logs::Dated dated;
  std::optional<Ms> skew;
};

/// A run, when it was, and what its device's clock was ahead of UTC.
struct DatedRun {
  Run run;
  logs::RunDate date;

  [[nodiscard]] std::optional<UtcTime> at(Ms elapsed) const {
    return logs::date_line(date, elapsed).at;
  }
  [[nodiscard]] logs::Dated first() const { return logs::date_line(date, run.first_elapsed); }
};

using Place = py::typing::Tuple<int, int, int>;

Place place(const logs::Lines& lines) {
  return py::make_tuple(lines.source, lines.first, lines.last);
}

/// A property of a member that is text.
template <class T, class... Options>
void define_text(py::class_<T, Options...>& type, const char* name, std::string Entry::*member,
                 const char* doc) {
  type.def_property_readonly(
      name, [member](const DatedEntry& self) { return text(self.entry.*member); }, doc);
}

void register_entitlement(py::module_& module) {
  py::class_<Entitlement>(module, "LogEntitlement",
                          "A licence that a log entry asks for, as written (S18).")
      .def_property_readonly(
          "tag", [](const Entitlement& self) { return text(self.tag); },
          "The entitlement tag (F5).")
      .def_readonly("count", &Entitlement::count,
                    "The requested count; None where it cannot be read.")
      .def_property_readonly("version", [](const Entitlement& self) { return text(self.version); })
      .def_property_readonly("display_name",
                             [](const Entitlement& self) { return text(self.display_name); })
      .def_property_readonly(
          "enforce_mode", [](const Entitlement& self) { return text(self.enforce_mode); },
          "As written: 'out_of_compliance'.")
      .def_readonly("days_left", &Entitlement::days_left,
                    "As written; an artefact where it is negative (D4).")
      .def_readonly("date_day", &Entitlement::date_day,
                    "`@requested_date` as written, in days since 1970; an artefact beyond the "
                    "log's own time (D5).")
      .def_property_readonly(
          "requested_date", [](const Entitlement& self) { return text(self.requested_date); },
          "The same as text.");
}

void register_entry(py::module_& module) {
  py::class_<DatedEntry> type(module, "LogEntry",
                              "One entry of an sml.log (S17, S18), as written, and when; what it "
                              "does not say is None or empty.\n\n"
                              "Times are by the device's clock. `at` is None where no answer dates "
                              "the process's run (D6);\n"
                              "`earliest` and `latest` are bounds then, as far as the log tells.");
  type.def_property_readonly(
      "kind", [](const DatedEntry& self) { return std::string{to_string(self.entry.kind)}; },
      "registration, renewal, registered, authorization_request, authorization, failure or "
      "unknown.");
  type.def_property_readonly(
      "lines", [](const DatedEntry& self) { return place(self.entry.lines); },
      "(source, first line, last line), lines counted from 1.");
  type.def_property_readonly(
      "run", [](const DatedEntry& self) { return self.entry.run; }, "Index of the process's run.");
  type.def_property_readonly(
      "uptime", [](const DatedEntry& self) { return self.entry.stamp.uptime; },
      "Time since the process began (D6).");
  type.def_property_readonly(
      "time_of_day", [](const DatedEntry& self) { return self.entry.stamp.time_of_day; },
      "As written, by the device's clock and zone.");
  type.def_property_readonly("at", [](const DatedEntry& self) { return self.dated.at; });
  type.def_property_readonly("earliest",
                             [](const DatedEntry& self) { return self.dated.earliest; });
  type.def_property_readonly("latest", [](const DatedEntry& self) { return self.dated.latest; });
  type.def_property_readonly(
      "skew", [](const DatedEntry& self) { return self.skew; },
      "Of an answer: how far the device's clock was ahead of the manager's, to the second (D3).");
  type.def_property_readonly(
      "answered", [](const DatedEntry& self) { return logs::answered(self.entry); },
      "Of an answer: the manager's time then, to the second (D3).");
  define_text(type, "level", &Entry::level, "log4j's level.");
  type.def_property_readonly(
      "id_certificate", [](const DatedEntry& self) { return self.entry.id_certificate; },
      "Serial number of the ID certificate.");
  define_text(type, "signing_certificate", &Entry::signing_certificate, "'3', or 'sub_ca_cert:2'.");
  type.def_property_readonly(
      "renew_interval", [](const DatedEntry& self) { return self.entry.renew_interval; }, "D1.");
  define_text(type, "product_instance", &Entry::product_instance, "UUID, as written.");
  define_text(type, "hostname", &Entry::hostname, "");
  type.def_property_readonly("entitlements",
                             [](const DatedEntry& self) { return self.entry.entitlements; });
  type.def_property_readonly(
      "start_date", [](const DatedEntry& self) { return self.entry.start_date; }, "D2.");
  define_text(type, "compliance_status", &Entry::compliance_status, "As written: 'OOC'.");
  type.def_property_readonly(
      "expiry", [](const DatedEntry& self) { return length(self.entry.expiry); },
      "What was left of the authorization period (D3).");
  type.def_property_readonly(
      "retry_interval", [](const DatedEntry& self) { return length(self.entry.retry_interval); },
      "D7.");
  define_text(type, "text", &Entry::text, "Of a failure: what it says, 500 bytes at most.");
  type.def_property_readonly(
      "damaged", [](const DatedEntry& self) { return self.entry.damaged; },
      "Keys whose values could not be read.");
}

void register_run(py::module_& module) {
  py::class_<DatedRun>(
      module, "LogRun",
      "The lines of one run of the process (D6). `began` is when it began, None if no answer dates "
      "it or its\n"
      "lines do not tell; `earliest` and `latest` are bounds of its first line then.")
      .def_property_readonly(
          "first", [](const DatedRun& self) { return place(self.run.first); }, "Its first line.")
      .def_property_readonly(
          "last", [](const DatedRun& self) { return place(self.run.last); }, "Its last line.")
      .def_property_readonly(
          "began",
          [](const DatedRun& self) { return self.run.from_start ? self.at(Ms{}) : std::nullopt; })
      .def_property_readonly("first_at",
                             [](const DatedRun& self) { return self.at(self.run.first_elapsed); })
      .def_property_readonly("last_at",
                             [](const DatedRun& self) { return self.at(self.run.last_elapsed); })
      .def_property_readonly(
          "lasted",
          [](const DatedRun& self) {
            const auto first = self.at(self.run.first_elapsed);
            const auto last = self.at(self.run.last_elapsed);
            return first && last ? *last - *first : self.run.last_elapsed - self.run.first_elapsed;
          },
          "From its first line to its last.")
      .def_property_readonly(
          "zone", [](const DatedRun& self) { return length(self.date.zone); },
          "What the device's times of day are ahead of UTC; None if not known.")
      .def_property_readonly(
          "began_time_of_day",
          [](const DatedRun& self) {
            return self.run.from_start ? self.run.zero_time_of_day : std::nullopt;
          },
          "When the process began, by the device's clock.")
      .def_property_readonly("earliest", [](const DatedRun& self) { return self.first().earliest; })
      .def_property_readonly("latest", [](const DatedRun& self) { return self.first().latest; })
      .def_property_readonly(
          "clock_changes",
          [](const DatedRun& self) {
            py::typing::List<py::typing::Tuple<Place, Ms, bool, std::optional<UtcTime>>> out;
            for (const auto& each : self.run.changes)
              out.append(
                  py::make_tuple(place(each.line), each.by, each.zone, self.at(each.elapsed)));
            return out;
          },
          "(line, by how much, whether it was the zone, when) for each change of the clock.");
}

using Reader = Guarded<LogReader>;

/// What a reader tells of what has been read so far.
void define_told(py::class_<Reader>& type) {
  type.def_property_readonly(
          "entries",
          [](Reader& self) {
            return self.with([](LogReader& reader) {
              const auto dates = logs::date_runs(reader.runs(), reader.entries());
              std::vector<DatedEntry> out;
              out.reserve(reader.entries().size());
              for (const Entry& entry : reader.entries())
                out.push_back(
                    {entry, logs::date_entry(entry, dates), logs::clock_skew(entry, dates)});
              return out;
            });
          },
          "What has been read so far, dated by it.")
      .def_property_readonly("runs",
                             [](Reader& self) {
                               return self.with([](LogReader& reader) {
                                 const auto dates =
                                     logs::date_runs(reader.runs(), reader.entries());
                                 std::vector<DatedRun> out;
                                 for (std::size_t i = 0; i < dates.size(); ++i)
                                   out.push_back({reader.runs()[i], dates[i]});
                                 return out;
                               });
                             })
      .def_property_readonly(
          "counts",
          [](Reader& self) {
            const auto counts = self.with([](LogReader& reader) { return reader.counts(); });
            py::typing::Dict<py::str, int> out;
            out["total"] = counts.total;
            out["blank"] = counts.blank;
            out["entries"] = counts.entries;
            out["other"] = counts.other;
            out["unread"] = counts.unread;
            return out;
          },
          "Lines: `total`, and each of these in one of `blank`, `entries`, `other`, `unread`.")
      .def_property_readonly(
          "unread",
          [](Reader& self) {
            const auto unread = self.with([](LogReader& reader) { return reader.unread(); });
            py::typing::List<Place> out;
            for (const auto& each : unread) out.append(place(each));
            return out;
          },
          "Text that belongs to no entry: the first 1,000 pieces, as (source, first line, last "
          "line).");
}

void register_reader(py::module_& module) {
  py::class_<Reader> type(
      module, "LogReader",
      "Reads sml.log as it comes: `begin_source()` before each file of a set, the "
      "oldest first, `feed()` with its\n"
      "bytes in pieces of any size, `finish()` at the end, or when nothing more "
      "comes for now. Nothing is an\n"
      "error: what cannot be read is counted, and listed with its lines.");
  type.def(py::init([] { return std::make_unique<Reader>(LogReader{}); }))
      .def("begin_source",
           [](Reader& self) { self.with([](LogReader& reader) { reader.begin_source(); }); })
      .def(
          "feed",
          [](Reader& self, const py::buffer& data) {
            const auto info = data.request();
            if (info.ndim != 1 || info.itemsize != 1 || info.strides[0] != 1)
              throw_error({Errc::invalid_argument, "a log is fed as bytes, one after the other"});
            const ByteView bytes{static_cast<const std::uint8_t*>(info.ptr),
                                 static_cast<std::size_t>(info.size)};
            self.with([&](LogReader& reader) { reader.feed(bytes); });
          },
          "data"_a)
      .def("finish", [](Reader& self) { self.with([](LogReader& reader) { reader.finish(); }); });
  define_told(type);
}

}  // namespace

void register_logs(py::module_& module) {
  register_entitlement(module);
  register_entry(module);
  register_run(module);
  register_reader(module);
}

}  // namespace smartlic::bindings
