// SPDX-License-Identifier: BSD-2-Clause
// Mutations that know what a checksum is: without them hardly any input would get past one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace xvrrp::fuzz {

/// libFuzzer's mutation of the frame in `data`, and then most often the checksums put right again. Returns
/// the new size.
std::size_t mutate_frame(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed);

} // namespace xvrrp::fuzz
