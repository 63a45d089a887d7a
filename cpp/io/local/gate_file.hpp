#pragma once
// A shared gate in a file: what a product's workers map, an agent publishes to, and anybody who may
// looks at (RULES C6).

#include <atomic>
#include <cstddef>
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
/// Each open file counts on a stripe that is given to it in turn, at its first decision: what must
/// not slow each other down opens its own, which takes microseconds.
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
  GateFile(GateFile&& other) noexcept
      : mapping_{std::move(other.mapping_)}, gate_{other.gate_}, stripe_{other.stripe_.load()} {}
  GateFile& operator=(GateFile&&) = delete;
  ~GateFile() = default;

  [[nodiscard]] bool admit(const Now& now) { return gate_->admit(now, stripe()); }
  [[nodiscard]] admission::Decision decide(const Now& now) { return gate_->decide(now, stripe()); }
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
  /// That this open file counts on. Not taken at opening, as who publishes needs none, and as one
  /// that was open before a fork then counts on several. Of threads that come first at the same
  /// time one may get another one, which does no harm.
  [[nodiscard]] admission::Stripe stripe() {
    std::size_t own = stripe_.load(std::memory_order_relaxed);
    if (own == none) {
      own = gate_->take_stripe().number();
      stripe_.store(own, std::memory_order_relaxed);
    }
    return admission::Stripe{own};
  }

 private:
  GateFile(Mapping mapping, admission::SharedGate* gate)
      : mapping_{std::move(mapping)}, gate_{gate} {}

  Mapping mapping_;
  admission::SharedGate* gate_;
  static constexpr std::size_t none = admission::Stripe::count;
  std::atomic<std::size_t> stripe_{none};
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
