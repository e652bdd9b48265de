// SPDX-License-Identifier: BSD-2-Clause
// Files that only root can exchange: what root runs because a configuration names it.
#pragma once

#include <string>

#include <xvrrp/base/result.hpp>

namespace xvrrp {

/// `path` (absolute) with every symbolic link followed, by hand: no part of the way, neither as written nor
/// behind a link, may be owned or be writable by anybody but root; of a link that goes for its directory.
/// Asks the file system; from any thread. Whoever is not root cannot make the result lead elsewhere
/// afterwards. Errors: a part is missing, or not only root may write to it, which the message names.
Result<std::string> root_only_path(const std::string& path);

} // namespace xvrrp
