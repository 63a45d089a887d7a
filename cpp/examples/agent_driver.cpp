// A driver for the sans-I/O agent in C++: it looks at the clock, keeps the state, asks the manager.
//
//   agent_driver FOLDER                        enable smart licensing, say the mode
//   agent_driver FOLDER TRUST TOKEN URL COUNT  register too, and request COUNT x CUSP-5
//
// A product would go on in a loop: wait until `next_deadline()`, call `handle_timeout`, pump again.

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "io/local/clock.hpp"
#include "io/local/entropy.hpp"
#include "io/local/files.hpp"
#include "io/local/state_folder.hpp"
#include "io/net/http.hpp"
#include "licensing/agent.hpp"
#include "licensing/registration_token.hpp"

namespace sl = smartlic;

namespace {

/// Gives up with the sentence of the error table.
template <class T>
T need(sl::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

sl::Now now() { return need(sl::io::read_clock()); }

/// Does what the agent puts out, in its order: durable first, then on the wire, then told.
void pump(sl::licensing::Agent& agent, sl::io::StateFolder& folder, const std::string& url) {
  while (const auto output = agent.poll_output()) {
    if (const auto* persist = std::get_if<sl::licensing::Persist>(&*output)) {
      need(folder.save(persist->state));
    } else if (const auto* send = std::get_if<sl::licensing::Send>(&*output)) {
      sl::io::HttpOptions options;
      if (const auto& trust = agent.state().trust) {
        for (const auto& root : trust->roots.roots()) options.trust.pinned_pem += root.pem();
      }
      const auto client = need(sl::io::HttpClient::create(std::move(options)));
      const auto answer = client.post(url + "/smartlic/v1", "application/jose+json", send->bytes,
                                      agent.time(now()));
      // Whatever is not a valid answer changes nothing but when to ask again (RULES E6).
      auto failed = answer ? sl::Errc::http_status : answer.error().code;
      if (answer && answer->status == 200) {
        const auto taken = agent.handle_answer(answer->body, now());
        if (taken) continue;
        failed = taken.error().code;
      }
      agent.handle_no_answer(failed, answer ? answer->retry_after : std::nullopt, now());
    } else {
      const auto& event = std::get<sl::licensing::Notify>(*output).event;
      std::printf("event: %s\n", std::string{to_string(event.kind)}.c_str());
    }
  }
}

sl::licensing::Agent open_agent(const sl::io::StateFolder& folder) {
  const auto seed = need(sl::io::entropy_seed());
  if (const auto saved = need(folder.load()))
    return need(sl::licensing::Agent::load(*saved, seed, now()));
  sl::licensing::AgentConfig product;
  product.udi = need(sl::identity::Udi::make("CUSP", "EXAMPLE0001"));
  product.software_tag = "regid.2014-08.com.cisco.CUSP,1.0_6b0c2f4e-5f0a-4f0e-9c53-0d1f4d0f3c11";
  return need(sl::licensing::Agent::create(product, seed, now()));
}

int run(int argc, char** argv) {
  if (argc != 2 && argc != 6) {
    std::fprintf(stderr, "usage: agent_driver FOLDER [TRUST TOKEN URL COUNT]\n");
    return 2;
  }
  auto folder = need(sl::io::StateFolder::open(argv[1], true));
  auto agent = open_agent(folder);
  const std::string url = argc == 6 ? argv[4] : "";
  agent.enable(now());
  pump(agent, folder, url);
  if (argc == 6) {
    const auto trust =
        need(sl::message::decode_trust_file(need(sl::io::read_file(argv[2], 1U << 16U))));
    const auto token = need(sl::licensing::parse_token(argv[3]));
    need(agent.register_(trust, {token.id, token.secret_hash}, now()));
    pump(agent, folder, url);
    const auto entry = need(sl::licensing::Catalogue{}.resolve("CUSP-5"));
    need(agent.request({{entry.tag, std::stoll(argv[5]), entry.version, entry.display_name}},
                       now()));
    pump(agent, folder, url);
  }
  std::printf("mode: %s\n", std::string{to_string(agent.mode())}.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
