// SPDX-License-Identifier: BSD-2-Clause
// Any bytes as a frame: the parser reads none beyond them, and accepts what a second reading accepts.
#include "fuzz/mutate.hpp"
#include "fuzz/oracle.hpp"
#include "fuzz/require.hpp"

namespace {

/// What a parser without configuration can say.
bool is_parsers(xv_reason reason) {
  return reason == XV_observed || reason == XV_group || reason == XV_frame ||
         (reason <= XV_source && reason != XV_transit && reason != XV_unknown_vrid);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xvrrp::fuzz;
  const xvrrp::test::Bytes frame(data, data + size);
  const auto parsed = parse(frame);
  require(is_parsers(parsed.reason), "a reason that is not the parser's");
  require(parsed.advert.family == 0 || parsed.advert.family == 4 || parsed.advert.family == 6, "family");
  require((parsed.reason == XV_not_vrrp) == (parsed.advert.family == 0),
          "VRRP without a family, or the reverse");
  require_agreement(parsed, read_advert(frame));
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  return xvrrp::fuzz::mutate_frame(data, size, max_size, seed);
}
