// SPDX-License-Identifier: BSD-2-Clause
#include "controller/control_server.hpp"

#include <array>
#include <cerrno>
#include <string_view>

#include <sys/socket.h>
#include <unistd.h>

#include "platform/clock.hpp"

namespace xvrrp::controller {
namespace {

constexpr std::string_view kTooManyClients =
    "{\"schema\":1,\"error\":\"it has too many clients; try again\"}\n";
constexpr std::string_view kTooLong = "{\"schema\":1,\"error\":\"the request is longer than 256 KiB\"}\n";
static_assert(ControlServer::kMaxRequest == std::size_t{256} << 10);

/// What is read of one client before others get their turn.
constexpr std::size_t kChunk = std::size_t{64} << 10;

/// Who is let in one after the other before others get their turn.
constexpr int kAtOnce = 64;

void tell(const platform::UniqueFd& fd, std::string_view line) {
  (void)::send(fd.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

} // namespace

Result<ControlServer> ControlServer::open(const std::string& path, std::optional<std::uint32_t> group,
                                          platform::Epoll& epoll, std::uint64_t token,
                                          std::uint64_t client_token, Handler handler) {
  ControlServer server{path, group, epoll, token, client_token, std::move(handler)};
  if (auto status = server.listen(); !status)
    return std::move(status).error();
  return server;
}

Status ControlServer::listen() {
  auto listener = platform::ControlListener::open(path_, group_);
  if (!listener)
    return std::move(listener).error();
  if (auto status = epoll_->add(listener->fd(), token_); !status)
    return status;
  listener_.emplace(*std::move(listener));
  is_listening_ = true;
  return Done{};
}

Result<bool> ControlServer::keep_listening() {
  if (listener_->is_at_its_path())
    return false;
  auto status = listen();
  return status ? Result<bool>{true} : Result<bool>{std::move(status).error()};
}

void ControlServer::on_listener_ready() {
  using Kind = platform::Visitor::Kind;
  for (int i = 0; i < kAtOnce; ++i) {
    auto visitor = listener_->accept();
    switch (visitor.kind) {
    case Kind::Nobody:
      return;
    case Kind::Client:
      admit(std::move(visitor.fd));
      break;
    case Kind::Unwelcome:
      tell(visitor.fd, kTooManyClients);
      break;
    case Kind::Locked:
      is_listening_ = !epoll_->remove(listener_->fd());
      return;
    }
  }
}

void ControlServer::admit(platform::UniqueFd fd) {
  if (clients_.size() >= kMaxClients + kMaxLeaving)
    return tell(fd, kTooManyClients);
  const auto token = next_token_++;
  auto& client = clients_[token];
  client.fd = std::move(fd);
  client.active = platform::monotonic_now();
  if (clients_.size() > kMaxClients)
    refuse(client, kTooManyClients);
  if (!epoll_->add(client.fd.get(), token, client.refused ? EPOLLOUT : EPOLLIN))
    clients_.erase(token);
}

bool ControlServer::on_client_ready(std::uint64_t token, std::uint32_t events) {
  const auto found = clients_.find(token);
  if (found == clients_.end())
    return false;
  const bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0 && (events & EPOLLIN) == 0;
  if (broken || !serve(token, found->second))
    clients_.erase(found); // closing removes it from the epoll set
  return true;
}

void ControlServer::look_around(Instant now) {
  std::erase_if(clients_, [&](const auto& entry) {
    const auto& client = entry.second;
    return client.stage != Client::Stage::Waiting && now - client.active > kPatience;
  });
  if (!is_listening_)
    is_listening_ = static_cast<bool>(epoll_->add(listener_->fd(), token_));
}

bool ControlServer::serve(std::uint64_t token, Client& client) {
  using Stage = Client::Stage;
  if (client.stage == Stage::Asking) {
    if (!read_request(client))
      return false;
    const auto end = client.input.find('\n');
    if (!client.refused && end == std::string::npos)
      return true;
    if (!client.refused) {
      client.stage = Stage::Waiting;
      serving_ = token;
      handler_(client.input.substr(0, end),
               [this, token](std::string line) { answer(token, std::move(line)); });
      serving_.reset();
    }
  }
  if (client.stage == Stage::Waiting)
    return static_cast<bool>(epoll_->modify(client.fd.get(), token, 0)); // its end is told all the same
  return client.stage == Stage::Leaving ? throw_away(client) : write_answer(token, client);
}

void ControlServer::answer(std::uint64_t token, std::string line) {
  const auto found = clients_.find(token);
  if (found == clients_.end())
    return;
  auto& client = found->second;
  client.output = std::move(line) + "\n";
  client.stage = Client::Stage::Answering;
  client.active = platform::monotonic_now();
  if (serving_ != token && !write_answer(token, client))
    clients_.erase(found);
}

void ControlServer::refuse(Client& client, std::string_view line) {
  client.output = line;
  client.stage = Client::Stage::Answering;
  client.refused = true;
}

bool ControlServer::read_request(Client& client) {
  std::array<char, kChunk> buffer;
  const auto count = read(client.fd.get(), buffer.data(), buffer.size());
  if (count < 0)
    return errno == EAGAIN || errno == EINTR;
  client.active = platform::monotonic_now();
  client.input.append(buffer.data(), static_cast<std::size_t>(count));
  if (client.input.size() > kMaxRequest)
    refuse(client, kTooLong);
  return count > 0;
}

bool ControlServer::throw_away(const Client& client) {
  std::array<char, kChunk> buffer;
  const auto count = read(client.fd.get(), buffer.data(), buffer.size());
  return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

bool ControlServer::write_answer(std::uint64_t token, Client& client) {
  const auto left = client.output.size() - client.written;
  const auto count =
      send(client.fd.get(), client.output.data() + client.written, left, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count < 0 && errno != EAGAIN && errno != EINTR)
    return false;
  if (count > 0) {
    client.written += static_cast<std::size_t>(count);
    client.active = platform::monotonic_now();
  }
  if (client.written < client.output.size())
    return static_cast<bool>(epoll_->modify(client.fd.get(), token, EPOLLOUT));
  if (!client.refused)
    return false;
  // Were it closed with something unread, the client would get an error before it reads why.
  client.stage = Client::Stage::Leaving;
  (void)::shutdown(client.fd.get(), SHUT_WR);
  return static_cast<bool>(epoll_->modify(client.fd.get(), token, EPOLLIN));
}

} // namespace xvrrp::controller
