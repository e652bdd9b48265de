// SPDX-License-Identifier: BSD-2-Clause
#include <chrono>
#include <thread>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "platform/control_socket.hpp"

namespace xvrrp::platform {
namespace {

using namespace std::chrono_literals;

class ControlSocket : public ::testing::Test {
protected:
  void SetUp() override {
    char directory[] = "/tmp/xvrrp-test-XXXXXX";
    ASSERT_NE(::mkdtemp(directory), nullptr);
    directory_ = directory;
    path_ = directory_ + "/control.sock";
  }
  void TearDown() override { EXPECT_EQ(::rmdir(directory_.c_str()), 0) << "the socket's file is left"; }

  std::string directory_;
  std::string path_;
};

TEST_F(ControlSocket, ALineEachWay) {
  auto listener = ControlListener::open(path_);
  ASSERT_TRUE(listener) << listener.error().message;
  struct stat file {};
  ASSERT_EQ(::stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777U, 0660U);
  EXPECT_EQ(listener->accept().kind, Visitor::Kind::Nobody);

  auto client = connect_control(path_);
  ASSERT_TRUE(client) << client.error().message;
  auto accepted = listener->accept();
  ASSERT_EQ(accepted.kind, Visitor::Kind::Client);
  const UniqueFd server = std::move(accepted.fd);

  ASSERT_TRUE(write_all(client->get(), "status\nstats\n", 1s));
  LineReader requests{server.get(), 4096};
  EXPECT_EQ(*requests.next(1s), "status");
  EXPECT_EQ(*requests.next(1s), "stats");
  EXPECT_FALSE(requests.next(10ms)) << "nothing more has come";

  // More than the socket holds: the writer waits for the reader.
  const std::string answer(4 << 20, 'x');
  std::thread writer{[&] { EXPECT_TRUE(write_all(server.get(), answer + "\n", 5s)); }};
  LineReader answers{client->get(), answer.size()};
  EXPECT_EQ(*answers.next(5s), answer);
  writer.join();
}

TEST_F(ControlSocket, BadPeersAreErrorsNotHangs) {
  auto listener = ControlListener::open(path_);
  ASSERT_TRUE(listener);
  auto client = connect_control(path_);
  ASSERT_TRUE(client);
  UniqueFd server = listener->accept().fd;

  ASSERT_TRUE(write_all(client->get(), "0123456789", 1s));
  LineReader strict{server.get(), 8};
  const auto long_line = strict.next(1s);
  ASSERT_FALSE(long_line);
  EXPECT_EQ(long_line.error().message, "a line on the control socket exceeds 8 bytes");

  ASSERT_TRUE(write_all(client->get(), "cut", 1s));
  client->reset();
  LineReader cut{server.get(), 100};
  EXPECT_FALSE(cut.next(1s)) << "closed in the middle of a line";
  EXPECT_FALSE(write_all(server.get(), "too late\n", 1s)) << "and no SIGPIPE";

  auto silent = connect_control(path_);
  server = listener->accept().fd;
  EXPECT_FALSE(write_all(silent->get(), std::string(4 << 20, 'x'), 20ms)) << "nobody reads";
  silent->reset();
  LineReader rest{server.get(), 8 << 20};
  EXPECT_FALSE(rest.next(1s));

  auto polite = connect_control(path_);
  server = listener->accept().fd;
  ASSERT_TRUE(write_all(polite->get(), "bye\n", 1s));
  polite->reset();
  LineReader last{server.get(), 100};
  EXPECT_EQ(*last.next(1s), "bye");
  const auto end = last.next(1s);
  ASSERT_TRUE(end);
  EXPECT_EQ(*end, std::nullopt);
}

TEST_F(ControlSocket, NobodyThereIsNotRunning) {
  const auto absent = connect_control(path_);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::NotRunning);
  // What a killed daemon leaves: a file without a listener.
  {
    auto listener = ControlListener::open(path_);
    ASSERT_TRUE(listener);
    ASSERT_EQ(::shutdown(listener->fd(), SHUT_RDWR), 0);
    const auto dead = connect_control(path_);
    ASSERT_FALSE(dead);
    EXPECT_EQ(dead.error().kind, ErrorKind::NotRunning);
    auto successor = ControlListener::open(path_);
    ASSERT_TRUE(successor) << successor.error().message;
    EXPECT_TRUE(connect_control(path_));
  }
  EXPECT_EQ(ControlListener::open(std::string(108, 'p')).error().kind, ErrorKind::Usage);
}

} // namespace
} // namespace xvrrp::platform
