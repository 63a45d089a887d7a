#pragma once
// How the foundation's types look in Python: times, durations, UUIDs and bytes. Include it instead
// of pybind11/chrono.h, and in every file of a module that passes these types.

#include <datetime.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "foundation/bytes.hpp"
#include "foundation/time.hpp"
#include "foundation/uuid.hpp"

namespace smartlic::bindings {

/// Of internal linkage, because PyDateTimeAPI is: each file has its own to fill.
[[maybe_unused]] static void import_datetime() {
  if (PyDateTimeAPI == nullptr) PyDateTime_IMPORT;
  if (PyDateTimeAPI == nullptr) throw pybind11::error_already_set();
}

}  // namespace smartlic::bindings

namespace pybind11::detail {

/// UtcTime <-> datetime.datetime. In: a naive time is UTC (DESIGN 4); microseconds are floored to
/// ms. Out: aware, UTC; `never` is None.
template <>
struct type_caster<smartlic::UtcTime> {
  PYBIND11_TYPE_CASTER(smartlic::UtcTime, const_name("datetime.datetime"));

  bool load(handle src, bool) {
    using namespace std::chrono;
    smartlic::bindings::import_datetime();
    if (!src || !PyDateTime_Check(src.ptr())) return false;
    PyObject* p = src.ptr();
    const auto number = [](auto field) { return static_cast<unsigned>(field); };
    const sys_days day = year{static_cast<int>(PyDateTime_GET_YEAR(p))} /
                         month{number(PyDateTime_GET_MONTH(p))} /
                         std::chrono::day{number(PyDateTime_GET_DAY(p))};
    auto time = sys_time<microseconds>{day} + hours{PyDateTime_DATE_GET_HOUR(p)} +
                minutes{PyDateTime_DATE_GET_MINUTE(p)} + seconds{PyDateTime_DATE_GET_SECOND(p)} +
                microseconds{PyDateTime_DATE_GET_MICROSECOND(p)};
    const object offset = src.attr("utcoffset")();
    if (!offset.is_none()) {
      time -= days{PyDateTime_DELTA_GET_DAYS(offset.ptr())} +
              seconds{PyDateTime_DELTA_GET_SECONDS(offset.ptr())} +
              microseconds{PyDateTime_DELTA_GET_MICROSECONDS(offset.ptr())};
    }
    value = floor<milliseconds>(time);
    return true;
  }

  static handle cast(smartlic::UtcTime time, return_value_policy, handle) {
    using namespace std::chrono;
    if (time == smartlic::never) return none().release();
    smartlic::bindings::import_datetime();
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    PyObject* out = PyDateTimeAPI->DateTime_FromDateAndTime(
        static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
        static_cast<int>(static_cast<unsigned>(date.day())),
        static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()),
        static_cast<int>(clock.subseconds().count() * 1000), PyDateTime_TimeZone_UTC,
        PyDateTimeAPI->DateTimeType);
    if (out == nullptr) throw error_already_set();  // outside Python's years 1 to 9999
    return out;
  }
};

/// Ms <-> datetime.timedelta; microseconds are floored.
template <>
struct type_caster<smartlic::Ms> {
  PYBIND11_TYPE_CASTER(smartlic::Ms, const_name("datetime.timedelta"));

  bool load(handle src, bool) {
    smartlic::bindings::import_datetime();
    if (!src || !PyDelta_Check(src.ptr())) return false;
    // Seconds and microseconds are never negative; the longest timedelta has more microseconds than
    // 64 bits hold.
    using namespace std::chrono;
    value = days{PyDateTime_DELTA_GET_DAYS(src.ptr())} +
            seconds{PyDateTime_DELTA_GET_SECONDS(src.ptr())} +
            floor<smartlic::Ms>(microseconds{PyDateTime_DELTA_GET_MICROSECONDS(src.ptr())});
    return true;
  }

  static handle cast(smartlic::Ms length, return_value_policy, handle) {
    using namespace std::chrono;
    smartlic::bindings::import_datetime();
    const auto whole = floor<days>(length);
    const auto rest = duration_cast<microseconds>(length - whole);
    const auto whole_seconds = duration_cast<seconds>(rest);
    // Beyond int the number of days is out of Python's range anyhow, which the call then reports.
    constexpr days::rep most = 1'000'000'000;
    PyObject* out = PyDelta_FromDSU(
        static_cast<int>(std::clamp<days::rep>(whole.count(), -most, most)),
        static_cast<int>(whole_seconds.count()), static_cast<int>((rest - whole_seconds).count()));
    if (out == nullptr) throw error_already_set();
    return out;
  }
};

/// BootTime <-> int, nanoseconds. Only what Python counts as an integer: a datetime64 has a unit of
/// its own.
template <>
struct type_caster<smartlic::BootTime> {
  PYBIND11_TYPE_CASTER(smartlic::BootTime, const_name("int"));

  bool load(handle src, bool convert) {
    make_caster<std::int64_t> ns;
    if (!src || PyIndex_Check(src.ptr()) == 0 || !ns.load(src, convert)) return false;
    value = smartlic::BootTime{smartlic::BootTime::duration{cast_op<std::int64_t>(ns)}};
    return true;
  }

  static handle cast(smartlic::BootTime time, return_value_policy, handle) {
    return pybind11::int_{time.time_since_epoch().count()}.release();
  }
};

/// Uuid <-> uuid.UUID.
template <>
struct type_caster<smartlic::Uuid> {
  PYBIND11_TYPE_CASTER(smartlic::Uuid, const_name("uuid.UUID"));

  bool load(handle src, bool) {
    if (!src || !isinstance(src, module_::import("uuid").attr("UUID"))) return false;
    const bytes raw = src.attr("bytes");
    std::ranges::copy(smartlic::as_bytes(std::string_view{raw}), value.bytes.begin());
    return true;
  }

  static handle cast(const smartlic::Uuid& uuid, return_value_policy, handle) {
    const bytes raw{smartlic::as_text(uuid.bytes).data(), uuid.bytes.size()};
    return module_::import("uuid").attr("UUID")(arg("bytes") = raw).release();
  }
};

/// Bytes <-> bytes.
template <>
struct type_caster<smartlic::Bytes> {
  PYBIND11_TYPE_CASTER(smartlic::Bytes, const_name("bytes"));

  bool load(handle src, bool) {
    if (!src || !PyBytes_Check(src.ptr())) return false;
    const auto view = smartlic::as_bytes(std::string_view{reinterpret_borrow<bytes>(src)});
    value.assign(view.begin(), view.end());
    return true;
  }

  static handle cast(const smartlic::Bytes& raw, return_value_policy, handle) {
    return bytes{smartlic::as_text(raw).data(), raw.size()}.release();
  }
};

/// ByteView <-> bytes. In: not copied; the caller's object is kept for the length of the call.
template <>
struct type_caster<smartlic::ByteView> {
  PYBIND11_TYPE_CASTER(smartlic::ByteView, const_name("bytes"));

  bool load(handle src, bool) {
    if (!src || !PyBytes_Check(src.ptr())) return false;
    value = smartlic::as_bytes(std::string_view{reinterpret_borrow<bytes>(src)});
    return true;
  }

  static handle cast(smartlic::ByteView raw, return_value_policy, handle) {
    return bytes{smartlic::as_text(raw).data(), raw.size()}.release();
  }
};

}  // namespace pybind11::detail
