// SPDX-License-Identifier: BSD-2-Clause
#include "cli/capture_view.hpp"

#include <ctime>

#include <fmt/format.h>
#include <linux/bpf.h>

#include <xvrrp/base/address.hpp>
#include <xvrrp/wire/advert.h>

#include "dataplane/reasons.hpp"

namespace xvrrp::cli {
namespace {

using dataplane::ReasonInfo;

bool is_advert(std::uint32_t reason) {
  const auto all = dataplane::reasons();
  return reason < all.size() && all[reason].kind == ReasonInfo::Kind::Advert;
}

const char* verdict_word(const CapturedPacket::Judgement& judgement) {
  if (judgement.verdict == XDP_PASS)
    return "PASS";
  return is_advert(judgement.reason) ? "consumed" : "DROP";
}

std::string time_text(Nanoseconds since_epoch) {
  const std::time_t second = std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count();
  std::tm local{};
  localtime_r(&second, &local);
  const auto micros =
      std::chrono::duration_cast<std::chrono::microseconds>(since_epoch % std::chrono::seconds{1}).count();
  return fmt::format("{:02}:{:02}:{:02}.{:06}", local.tm_hour, local.tm_min, local.tm_sec, micros);
}

/// As far as it can be read.
std::string advert_text(const std::vector<std::uint8_t>& bytes) {
  xv_advert advert{};
  (void)xv_parse_advert({bytes.data(), bytes.data() + bytes.size()}, &advert);
  std::string text = "?";
  if (advert.family != 0)
    text = IpAddress::from_bytes(static_cast<Family>(advert.family), advert.source).text();
  for (const auto tag : {advert.vlan, advert.inner_vlan}) {
    if (tag != 0)
      text += fmt::format(" vlan {}", tag);
  }
  if (advert.version == 0)
    return text;
  return text + fmt::format(" VRID {} priority {} v{}", advert.vrid, advert.priority, advert.version);
}

} // namespace

std::string verdict_text(const CapturedPacket& packet) {
  if (!packet.judgement)
    return "sent";
  return fmt::format("{} {}: {}", verdict_word(*packet.judgement),
                     dataplane::reason_name(packet.judgement->reason),
                     dataplane::reason_description(packet.judgement->reason));
}

std::string capture_line(const CapturedPacket& packet) {
  return fmt::format("{} {} {}\n", time_text(packet.since_epoch), advert_text(packet.bytes),
                     verdict_text(packet));
}

} // namespace xvrrp::cli
