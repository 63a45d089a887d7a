#include "admission/window_shape.hpp"

namespace smartlic::admission {

Result<WindowShape> WindowShape::create(Ms interval, std::uint32_t intervals) {
  using std::chrono::hours;
  using std::chrono::seconds;
  if (interval < seconds{1} || interval > hours{1}) {
    return Error{Errc::invalid_argument, "an interval lasts from one second to one hour"};
  }
  if (intervals < 1 || intervals > max_intervals) {
    return Error{Errc::invalid_argument, "a window has from 1 to 60 intervals"};
  }
  return WindowShape{Policy::average, interval, intervals};
}

}  // namespace smartlic::admission
