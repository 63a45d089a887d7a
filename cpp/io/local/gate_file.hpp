#pragma once
// A shared gate in a file: what a product's workers map, an agent publishes to, and anybody who may
// looks at (RULES C6).

#include <cstdint>
#include <filesystem>
#include <utility>

#include "admission/shared_gate.hpp"
#include "io/local/mapping.hpp"

namespace smartlic::io {

/// Readable and writable by owner and group: an agent and workers of two users, in one group.
inline constexpr unsigned gate_mode = 0660;

/// What a gate file is made with. Its window stays for its whole life.
struct GateFileOptions {
  admission::WindowShape shape{};
  admission::SipStatus sip_status = admission::SipStatus::service_unavailable;
  unsigned permissions = gate_mode;
};

/// A gate file open for deciding and publishing. Move-only. Threads may decide at the same time;
/// publishing is for one thread at a time in a process, and waits for other processes that publish.
/// Each open file counts on a stripe that is given to it in turn: what must not slow each other
/// down opens its own, which takes microseconds.
///
/// A mapped gate file must not be truncated (the kernel then ends whoever touches it: SIGBUS); a
/// new one is put in its place by rename.
class GateFile {
 public:
  /// Makes the file, whole at once. Errors: `already_exists`, `not_found` (no such directory),
  /// `storage_full`, `storage_failed`.
  [[nodiscard]] static Result<void> create(const std::filesystem::path& path, const Now& now,
                                           const GateFileOptions& options = {});
  /// The first to open it in another boot than that of its counts begins these anew.
  /// Errors: `not_found`, `state_version`, `state_damaged`, `storage_failed`.
  [[nodiscard]] static Result<GateFile> open(const std::filesystem::path& path, const Now& now);

  [[nodiscard]] bool admit(const Now& now) { return gate_->admit(now, stripe_); }
  [[nodiscard]] admission::Decision decide(const Now& now) { return gate_->decide(now, stripe_); }
  [[nodiscard]] admission::GateSnapshot snapshot(const Now& now) const {
    return gate_->snapshot(now);
  }
  /// As SharedGate's. Errors: `storage_failed` too, if the file cannot be locked.
  [[nodiscard]] Result<void> publish(const admission::Plan& plan, const Now& now);
  /// As SharedGate's. Errors: `storage_failed`, if the file cannot be locked.
  [[nodiscard]] Result<void> set_limit(admission::Limit limit);
  void set_sip_status(admission::SipStatus status) { gate_->set_sip_status(status); }
  [[nodiscard]] std::uint64_t failed_call_log() const { return gate_->failed_call_log(); }
  void set_failed_call_log(std::uint64_t file_size) { gate_->set_failed_call_log(file_size); }
  void count_lost_call() { gate_->count_lost_call(); }
  /// That this open file counts on.
  [[nodiscard]] admission::Stripe stripe() const { return stripe_; }

 private:
  GateFile(Mapping mapping, admission::SharedGate* gate)
      : mapping_{std::move(mapping)}, gate_{gate}, stripe_{gate->take_stripe()} {}

  Mapping mapping_;
  admission::SharedGate* gate_;
  admission::Stripe stripe_;
};

/// A gate file open for looking alone: read permission is enough, and it changes nothing.
class GateObserver {
 public:
  /// Errors: those of `GateFile::open`.
  [[nodiscard]] static Result<GateObserver> open(const std::filesystem::path& path);

  [[nodiscard]] admission::GateSnapshot snapshot(const Now& now) const {
    return gate_->snapshot(now);
  }

 private:
  GateObserver(Mapping mapping, const admission::SharedGate* gate)
      : mapping_{std::move(mapping)}, gate_{gate} {}

  Mapping mapping_;
  const admission::SharedGate* gate_;
};

}  // namespace smartlic::io
