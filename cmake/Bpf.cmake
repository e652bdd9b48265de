# SPDX-License-Identifier: BSD-2-Clause
# bpf_skeleton(NAME SOURCE): compiles bpf/SOURCE for the BPF target and makes the interface library NAME_skeleton,
# whose include directory holds NAME.skel.h. A change in any header that SOURCE reads rebuilds it (dependency file).
find_program(BPF_CLANG NAMES clang-14 clang)
find_program(BPF_STRIP NAMES llvm-strip-14 llvm-strip)
find_program(BPFTOOL NAMES bpftool PATHS /usr/sbin /usr/local/sbin)
foreach(tool BPF_CLANG BPF_STRIP BPFTOOL)
  if(NOT ${tool})
    message(FATAL_ERROR "${tool} was not found: run scripts/setup (packages clang-14, llvm-14, bpftool)")
  endif()
endforeach()

function(bpf_skeleton NAME SOURCE)
  set(dir ${CMAKE_BINARY_DIR}/bpf)
  set(object ${dir}/${NAME}.bpf.o)
  set(skeleton ${dir}/${NAME}.skel.h)
  file(MAKE_DIRECTORY ${dir})
  add_custom_command(
    OUTPUT ${object}
    # The source is named relative to the project, and paths are mapped, so that the object does not depend on the
    # build directory. llvm-strip -g drops DWARF and keeps BTF.
    COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -std=gnu11 -Wall -Wextra -Werror
            -Iinclude -I/usr/include/${CMAKE_LIBRARY_ARCHITECTURE}
            -ffile-prefix-map=${PROJECT_SOURCE_DIR}=. -fdebug-compilation-dir=.
            -MMD -MF ${object}.d -MT ${object} -c bpf/${SOURCE} -o ${object}
    COMMAND ${BPF_STRIP} -g ${object}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    DEPENDS ${PROJECT_SOURCE_DIR}/bpf/${SOURCE}
    DEPFILE ${object}.d
    COMMENT "BPF ${SOURCE}"
    VERBATIM)
  add_custom_command(
    OUTPUT ${skeleton}
    COMMAND ${BPFTOOL} gen skeleton ${object} name ${NAME} > ${skeleton}.tmp
    COMMAND ${CMAKE_COMMAND} -E rename ${skeleton}.tmp ${skeleton}
    DEPENDS ${object}
    COMMENT "BPF skeleton ${NAME}"
    VERBATIM)
  add_custom_target(${NAME}_skeleton_file DEPENDS ${skeleton})
  add_library(${NAME}_skeleton INTERFACE)
  target_include_directories(${NAME}_skeleton SYSTEM INTERFACE ${dir})
  add_dependencies(${NAME}_skeleton ${NAME}_skeleton_file)
endfunction()
