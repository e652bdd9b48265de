# SPDX-License-Identifier: BSD-2-Clause
# What is installed beside the programs, and the Debian package of it all (scripts/package).

# systemd units. One text of what both have in common.
if(LIBSYSTEMD_VERSION VERSION_GREATER_EQUAL 254)
  set(RESTART_DELAY "RestartSec=100ms\nRestartSteps=6\nRestartMaxDelaySec=5s")
else()
  set(RESTART_DELAY "RestartSec=1s") # a crash loop of a tenth of a second would keep a processor busy
endif()
configure_file(${PROJECT_SOURCE_DIR}/packaging/systemd/hardening.conf ${PROJECT_BINARY_DIR}/hardening.conf @ONLY)
file(READ ${PROJECT_BINARY_DIR}/hardening.conf HARDENING)
foreach(unit xvrrpd.service xvrrpd@.service)
  configure_file(${PROJECT_SOURCE_DIR}/packaging/systemd/${unit}.in ${PROJECT_BINARY_DIR}/${unit} @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${unit} DESTINATION lib/systemd/system)
endforeach()

# Manual pages, written in Markdown.
find_program(LOWDOWN lowdown)
if(LOWDOWN)
  # man_page(NAME SECTION FILE...): the page is of these files.
  function(man_page name section)
    set(made ${PROJECT_BINARY_DIR}/${name}.${section})
    list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/docs/)
    add_custom_command(OUTPUT ${made}
      COMMAND sh ${PROJECT_SOURCE_DIR}/packaging/man-page ${LOWDOWN} ${name} ${section} ${made} ${ARGN}
      DEPENDS ${ARGN} ${PROJECT_SOURCE_DIR}/packaging/man-page VERBATIM)
    add_custom_target(man_${name} ALL DEPENDS ${made})
    install(FILES ${made} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
  endfunction()
  man_page(xvrrpd 8 man/xvrrpd.8.md)
  man_page(vrrpctl 8 man/vrrpctl.8.md)
  man_page(xvrrp.conf 5 man/xvrrp.conf.5.md keepalived.md)
else()
  message(STATUS "No lowdown: manual pages are not installed (scripts/setup installs it)")
endif()

install(FILES ${PROJECT_SOURCE_DIR}/packaging/xvrrp.conf.example DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(DIRECTORY DESTINATION /etc/xvrrp)

# The version is that of the last tag, or the project's, with the commits since then.
find_package(Git QUIET)
set(version ${PROJECT_VERSION})
if(Git_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${PROJECT_SOURCE_DIR} rev-list --count HEAD
    OUTPUT_VARIABLE commits OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${PROJECT_SOURCE_DIR} rev-parse --short=9 HEAD
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(commits AND commit)
    set(version ${PROJECT_VERSION}+git${commits}.${commit})
  endif()
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME xvrrp)
set(CPACK_PACKAGE_VERSION ${version})
set(CPACK_PACKAGE_CONTACT "xvrrp maintainers <xvrrp@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "conntrackd, bpftool")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "VRRP router whose heartbeat lives in the kernel")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "XDP programs check every advert and time the Master in BPF maps; xvrrpd runs
 the elections, installs the virtual addresses and switches NAT; vrrpctl shows
 and steers it. It reads keepalived.conf.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${PROJECT_SOURCE_DIR}/packaging/debian/postinst"
  "${PROJECT_SOURCE_DIR}/packaging/debian/prerm" "${PROJECT_SOURCE_DIR}/packaging/debian/postrm")
include(CPack)
