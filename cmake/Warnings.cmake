# SPDX-License-Identifier: BSD-2-Clause
# One interface target that every C++ target of the project links: language level, warnings as errors, hardening.
add_library(xvrrp_options INTERFACE)
target_compile_features(xvrrp_options INTERFACE cxx_std_20)
target_include_directories(xvrrp_options INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/userspace)
target_compile_options(xvrrp_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Wnon-virtual-dtor -Werror
  -fstack-protector-strong -fno-strict-aliasing)
if(XVRRP_HARDENED_STDLIB)
  target_compile_definitions(xvrrp_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()
if(XVRRP_SANITIZE)
  target_compile_options(xvrrp_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(xvrrp_options INTERFACE -fsanitize=address,undefined)
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(xvrrp_options INTERFACE _FORTIFY_SOURCE=2)
  target_link_options(xvrrp_options INTERFACE -Wl,-z,relro,-z,now)
endif()
