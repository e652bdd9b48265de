// SPDX-License-Identifier: BSD-2-Clause
// The little of HTTP/1.1 that a scrape needs: GET of one path, an answer, the end of the connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include <xvrrp/base/result.hpp>
#include <xvrrp/base/time.hpp>

#include "platform/epoll.hpp"
#include "platform/event_fd.hpp"
#include "platform/stream_listener.hpp"

namespace xvrrp::controller {

/// One thread; never blocks on a client. What a client may take is bounded: kMaxRequest bytes to ask,
/// kPatience for all of it, and a place among kMaxClients, of whom the oldest makes room for the next, as it
/// does where there are no descriptors.
class HttpResponder {
public:
  static constexpr std::size_t kMaxClients = 16;
  static constexpr std::size_t kMaxRequest = 4096;
  static constexpr Nanoseconds kPatience = std::chrono::seconds{5};
  /// The page of /metrics; absent: it cannot be had now.
  using Handler = std::function<std::optional<std::string>()>;

  static Result<HttpResponder> create(platform::StreamListener listener);

  /// Answers until stop().
  void run(const Handler& handler);
  /// From any thread.
  void stop() noexcept { stop_.notify(); }

private:
  struct Client {
    platform::UniqueFd fd;
    Instant deadline;
    std::string input;
    std::string output; ///< empty: not asked yet
    std::size_t written = 0;
  };
  HttpResponder(platform::StreamListener listener, platform::Epoll epoll, platform::EventFd stop)
      : listener_(std::move(listener)), epoll_(std::move(epoll)), stop_(std::move(stop)) {}

  void accept();
  void serve(std::uint64_t token, const Handler& handler);
  /// Both: false when the client is done with.
  bool read_request(Client& client, const Handler& handler);
  bool write_answer(std::uint64_t token, Client& client);
  std::optional<Nanoseconds> drop_late();
  void leave_listener();

  platform::StreamListener listener_;
  platform::Epoll epoll_;
  platform::EventFd stop_;
  std::map<std::uint64_t, Client> clients_; ///< oldest first
  std::uint64_t next_token_ = 0;
  std::optional<Instant> listens_again_; ///< absent: it listens
};

} // namespace xvrrp::controller
