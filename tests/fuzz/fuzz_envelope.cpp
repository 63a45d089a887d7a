// Both ladders on hostile bytes. The first byte says what the rest is: a whole message, a protected
// header, or the payload of an answer or request, which are then put in an envelope; the rungs of
// chain and signature are left out half of the time, so that what stands behind them is reached.

#include <algorithm>

#include "identity/encoding.hpp"
#include "message/codec.hpp"
#include "message/forge.hpp"

namespace {

using namespace smartlic;
using namespace smartlic::message;
using namespace smartlic::message::test;

template <class Subject>
std::vector<Rung<Subject>> unguarded(std::span<const Rung<Subject>> ladder) {
  std::vector<Rung<Subject>> out;
  std::ranges::copy_if(ladder, std::back_inserter(out), [](const auto& rung) {
    return rung.name != "chain" && rung.name != "signature";
  });
  return out;
}

Bytes envelope(std::string_view header, std::string_view payload) {
  const std::string text = dump(Json::Object{{"payload", identity::base64url(as_bytes(payload))},
                                             {"protected", identity::base64url(as_bytes(header))},
                                             {"signature", identity::base64url(Bytes(64, 1))}});
  const ByteView bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

Bytes message_of(unsigned sort, std::string_view rest) {
  const World& w = world();
  const Request request = w.request(static_cast<Kind>(sort / 4 % 4));
  if (sort % 4 == 0) return envelope(dump(parts_of(w, request, w.chain).header), rest);
  const Answer answer = w.grant(request, {});
  if (sort % 4 == 1) return envelope(dump(parts_of(w, answer, w.chain).header), rest);
  if (sort % 4 == 2) return envelope(rest, dump(encode(request)));
  const ByteView bytes = as_bytes(rest);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const World& w = world();
  static const OpenRequest open = w.seal(w.request(Kind::authorize)).open;
  static identity::ChainCache chains;
  static const auto answer_rungs = unguarded(answer_ladder());
  static const auto opening_rungs = unguarded(request_ladder().opening);
  const bool guarded = data[0] >= 128;

  const Bytes message = message_of(data[0], as_text({data + 1, size - 1}));
  RequestLadder requests = request_ladder();
  if (!guarded) requests.opening = opening_rungs;
  static_cast<void>(verify_answer(message, w.answer_pins(), {&open, 1}, chains,
                                  guarded ? answer_ladder() : std::span{answer_rungs}));
  const auto opened = open_request(message, w.request_pins(), chains, requests);
  if (const auto* request = std::get_if<OpenedRequest>(&opened)) {
    static_cast<void>(finish_request(*request, w.now, Ms{0}, requests));
  }
  return 0;
}
