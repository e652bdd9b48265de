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

constexpr std::string_view kTurnedAway = "{\"schema\":1,\"error\":\"it has too many clients; try again\"}\n";

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
  return Done{};
}

Result<bool> ControlServer::keep_listening() {
  if (listener_->is_at_its_path())
    return false;
  auto status = listen();
  return status ? Result<bool>{true} : Result<bool>{std::move(status).error()};
}

void ControlServer::on_listener_ready() {
  auto accepted = listener_->accept();
  if (!accepted || !*accepted)
    return;
  if (clients_.size() >= kMaxClients) {
    (void)::send((*accepted)->get(), kTurnedAway.data(), kTurnedAway.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return;
  }
  const auto token = next_token_++;
  auto& client = clients_[token];
  client.fd = *std::move(*accepted);
  client.active = platform::monotonic_now();
  if (!epoll_->add(client.fd.get(), token))
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

void ControlServer::drop_idle(Instant now) {
  std::erase_if(clients_, [&](const auto& entry) { return now - entry.second.active > kPatience; });
}

bool ControlServer::serve(std::uint64_t token, Client& client) {
  if (!client.answering) {
    if (!read_request(client))
      return false;
    const auto end = client.input.find('\n');
    if (end == std::string::npos)
      return true;
    client.output = handler_(client.input.substr(0, end)) + "\n";
    client.answering = true;
  }
  return write_answer(token, client);
}

bool ControlServer::read_request(Client& client) {
  std::array<char, kMaxRequest> buffer{};
  const auto count = read(client.fd.get(), buffer.data(), buffer.size());
  if (count < 0)
    return errno == EAGAIN || errno == EINTR;
  client.active = platform::monotonic_now();
  client.input.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0 && client.input.size() <= kMaxRequest;
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
  if (client.written == client.output.size())
    return false;
  return static_cast<bool>(epoll_->modify(client.fd.get(), token, EPOLLOUT));
}

} // namespace xvrrp::controller
