// SPDX-License-Identifier: BSD-2-Clause
// Answers vrrpctl on the control socket: one line of JSON in, one line out, then the connection ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "platform/control_socket.hpp"
#include "platform/epoll.hpp"

namespace xvrrp::controller {

/// Manager thread; never blocks on a client. At most kMaxClients at a time: the next one is told so, as is
/// one for which there is no descriptor. One that neither asks nor reads is not waited for.
class ControlServer {
public:
  static constexpr std::size_t kMaxClients = 256;
  static constexpr std::size_t kMaxLeaving = 64; ///< beside them, who are told so and have yet to read it
  /// `trace record` may list all 4,096 virtual routers that there can be, by names of 60 characters.
  static constexpr std::size_t kMaxRequest = std::size_t{256} << 10;
  static constexpr Nanoseconds kPatience = std::chrono::seconds{10};
  /// Takes the answer line without its newline; once, at once or later, whether or not somebody still waits
  /// for it.
  using Answer = std::function<void(std::string line)>;
  using Handler = std::function<void(const std::string& request, const Answer& answer)>;

  /// Registers the listener with `epoll` under `token`; clients get tokens from `client_token` on.
  /// `group` may use the socket beside root.
  static Result<ControlServer> open(const std::string& path, std::optional<std::uint32_t> group,
                                    platform::Epoll& epoll, std::uint64_t token, std::uint64_t client_token,
                                    Handler handler);

  void on_listener_ready();
  /// False when the token is no client's.
  bool on_client_ready(std::uint64_t token, std::uint32_t events);
  /// Once a second or so: lets go of who is idle, and listens again after a want of descriptors.
  void look_around(Instant now);
  /// Listens anew when the socket's file is gone, or is somebody else's who is dead. True when it did.
  Result<bool> keep_listening();

private:
  struct Client {
    enum class Stage : std::uint8_t {
      Asking,
      Waiting,   ///< for its answer
      Answering, ///< what is written until it is read
      Leaving,   ///< it may not have asked all yet: what comes is thrown away until its end
    };
    platform::UniqueFd fd;
    Stage stage = Stage::Asking;
    bool refused = false; ///< its answer came before it had asked
    std::string input;
    std::string output;
    std::size_t written = 0;
    Instant active{}; ///< when it last wrote or read
  };
  ControlServer(std::string path, std::optional<std::uint32_t> group, platform::Epoll& epoll,
                std::uint64_t token, std::uint64_t client_token, Handler handler)
      : path_(std::move(path)), group_(group), epoll_(&epoll), token_(token), next_token_(client_token),
        handler_(std::move(handler)) {}
  Status listen();

  void admit(platform::UniqueFd fd);
  void answer(std::uint64_t token, std::string line);
  static void refuse(Client& client, std::string_view line);
  /// False when the client is done with.
  bool serve(std::uint64_t token, Client& client);
  bool read_request(Client& client);
  static bool throw_away(const Client& client);
  bool write_answer(std::uint64_t token, Client& client);

  std::string path_;
  std::optional<std::uint32_t> group_;
  std::optional<platform::ControlListener> listener_;
  platform::Epoll* epoll_;
  std::uint64_t token_;
  bool is_listening_ = true;
  std::uint64_t next_token_;
  std::optional<std::uint64_t> serving_; ///< whose request is with the handler
  Handler handler_;
  std::map<std::uint64_t, Client> clients_;
};

} // namespace xvrrp::controller
