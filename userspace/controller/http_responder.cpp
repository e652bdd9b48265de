// SPDX-License-Identifier: BSD-2-Clause
#include "controller/http_responder.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <sys/socket.h>
#include <unistd.h>

#include "platform/clock.hpp"

namespace xvrrp::controller {
namespace {

enum Token : std::uint64_t { kStop, kListener, kFirstClient };

constexpr const char* kEndOfHead = "\r\n\r\n";
constexpr const char* kPage = "/metrics";
/// How long nobody is let in where there are no descriptors.
constexpr Nanoseconds kPause = std::chrono::seconds{1};

std::string response(const char* status, const char* type, const std::string& body, const char* more = "") {
  return std::string{"HTTP/1.1 "} + status + "\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n" + more + "\r\n" +
         body;
}

std::string refusal(const char* status, const char* more = "") {
  return response(status, "text/plain; charset=utf-8", std::string{status} + "\n", more);
}

/// "GET /metrics HTTP/1.1" in its parts; absent: it is something else than HTTP/1.
struct RequestLine {
  std::string method;
  std::string path; ///< without the query
};
std::optional<RequestLine> parse(const std::string& request) {
  const auto line = request.substr(0, request.find("\r\n"));
  const auto first = line.find(' ');
  const auto second = first == std::string::npos ? first : line.find(' ', first + 1);
  if (second == std::string::npos || line.compare(second + 1, 7, "HTTP/1.") != 0)
    return std::nullopt;
  const auto target = line.substr(first + 1, second - first - 1);
  if (first == 0 || target.empty() || target[0] != '/')
    return std::nullopt;
  return RequestLine{line.substr(0, first), target.substr(0, target.find('?'))};
}

std::string answer(const std::string& request, const HttpResponder::Handler& handler) {
  const auto line = parse(request);
  if (!line)
    return refusal("400 Bad Request");
  if (line->path != kPage)
    return refusal("404 Not Found");
  if (line->method != "GET")
    return refusal("405 Method Not Allowed", "Allow: GET\r\n");
  const auto page = handler();
  return page ? response("200 OK", "text/plain; version=0.0.4; charset=utf-8", *page)
              : refusal("503 Service Unavailable");
}

} // namespace

Result<HttpResponder> HttpResponder::create(platform::StreamListener listener) {
  auto epoll = platform::Epoll::create();
  if (!epoll)
    return std::move(epoll).error();
  auto stop = platform::EventFd::create();
  if (!stop)
    return std::move(stop).error();
  HttpResponder made{std::move(listener), *std::move(epoll), *std::move(stop)};
  made.next_token_ = kFirstClient;
  for (const auto& [fd, token] :
       {std::pair{made.stop_.fd(), kStop}, std::pair{made.listener_.fd(), kListener}}) {
    if (auto status = made.epoll_.add(fd, token); !status)
      return std::move(status).error();
  }
  return made;
}

void HttpResponder::run(const Handler& handler) {
  for (;;) {
    for (const auto& ready : epoll_.wait(drop_late())) {
      if (ready.token == kStop)
        return;
      if (ready.token == kListener)
        accept();
      else
        serve(ready.token, handler);
    }
  }
}

/// Returns how long until the next one is late, or the listener is to be heard again.
std::optional<Nanoseconds> HttpResponder::drop_late() {
  const auto now = platform::monotonic_now();
  while (!clients_.empty() && clients_.begin()->second.deadline <= now)
    clients_.erase(clients_.begin()); // closing removes it from the epoll set
  if (listens_again_ && *listens_again_ <= now) {
    listens_again_.reset();
    if (!epoll_.add(listener_.fd(), kListener))
      listens_again_ = now + kPause;
  }
  auto next = listens_again_;
  if (!clients_.empty())
    next = std::min(next.value_or(Instant::max()), clients_.begin()->second.deadline);
  return next ? std::optional{*next - now} : std::nullopt;
}

void HttpResponder::accept() {
  using Kind = platform::Visitor::Kind;
  auto visitor = listener_.accept();
  if (visitor.kind == Kind::Nobody)
    return;
  if (visitor.kind != Kind::Client && clients_.empty())
    return leave_listener(); // others have all descriptors
  if (visitor.kind != Kind::Client || clients_.size() >= kMaxClients)
    clients_.erase(clients_.begin());
  if (!visitor.fd)
    return; // it is let in the next time
  const auto token = next_token_++;
  auto& client = clients_[token];
  client.fd = std::move(visitor.fd);
  client.deadline = platform::monotonic_now() + kPatience;
  if (!epoll_.add(client.fd.get(), token))
    clients_.erase(token);
}

void HttpResponder::leave_listener() {
  (void)epoll_.remove(listener_.fd());
  listens_again_ = platform::monotonic_now() + kPause;
}

void HttpResponder::serve(std::uint64_t token, const Handler& handler) {
  const auto found = clients_.find(token);
  if (found == clients_.end())
    return; // it made room in this turn
  auto& client = found->second;
  if (!read_request(client, handler) || (!client.output.empty() && !write_answer(token, client)))
    clients_.erase(found);
}

/// Once it is answered, what comes is thrown away until its end: to close before would reset the connection,
/// and the answer with it.
bool HttpResponder::read_request(Client& client, const Handler& handler) {
  std::array<char, kMaxRequest> buffer;
  const auto count = ::recv(client.fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count <= 0)
    return count < 0 ? errno == EAGAIN || errno == EINTR : client.written < client.output.size();
  if (!client.output.empty())
    return true;
  client.input.append(buffer.data(), static_cast<std::size_t>(count));
  if (client.input.find(kEndOfHead) != std::string::npos)
    client.output = answer(client.input, handler);
  else if (client.input.size() > kMaxRequest)
    client.output = refusal("431 Request Header Fields Too Large");
  return true;
}

bool HttpResponder::write_answer(std::uint64_t token, Client& client) {
  const auto left = client.output.size() - client.written;
  if (left == 0)
    return true;
  const auto count =
      ::send(client.fd.get(), client.output.data() + client.written, left, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count < 0 && errno != EAGAIN && errno != EINTR)
    return false;
  client.written += count > 0 ? static_cast<std::size_t>(count) : 0;
  if (client.written < client.output.size())
    return static_cast<bool>(epoll_.modify(client.fd.get(), token, EPOLLOUT));
  ::shutdown(client.fd.get(), SHUT_WR);
  return static_cast<bool>(epoll_.modify(client.fd.get(), token, EPOLLIN));
}

} // namespace xvrrp::controller
