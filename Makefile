# gander - make targets
#
#   make               build build/gander              make demo         a run on digits, and the dashboard
#   make check         all tests [MNIST=DIR]           make check-long   tests that are slow by nature
#   make asan          the tests under sanitizers      make fuzz         every reader, FUZZ_SECONDS each
#   make bench         speed, beside limits and peers  make size         lines of code in each folder
#   make lint          layers, style, checks [RULES=]  make format       clang-format on all sources
#   make deps          install what is missing         make clean        remove build/ and dist/
#   make install       [PREFIX=/usr/local] [DESTDIR=]  make uninstall    take it away again
#   make dist          a directory that runs on another machine, without root
#   make update-screens   [ONLY=TEXT] the expected screens of tests/screen
#
# V=1 shows commands, DEV=1 makes warnings errors, BUILD=DIR builds elsewhere, ONLY=TEXT runs the
# tests whose path holds it (ONLY=runs, dashboard, training or evaluation that part of bench, with W&B LEET
# beside the dashboard where GANDER_BENCH_WANDB names a python with wandb). demo, check, asan, bench,
# fuzz and dist install what is missing first (with apt-get, unless GANDER_NO_INSTALL=1).

CC ?= cc
CFLAGS ?= -O3 -g
BUILD ?= build
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
SHELL := /bin/bash
.DELETE_ON_ERROR:

# --- layers: who may include whom; from the top, so that each comes before what it uses ---
LAYERS := cli ui exchange show draw run gan data nn record base
base_uses :=
record_uses := base
nn_uses := base
data_uses := base
gan_uses := nn data record base
run_uses := gan data record base
draw_uses := base
show_uses := draw run record base
exchange_uses := run draw record base
ui_uses := run exchange show draw record base
cli_uses := ui exchange show draw run gan data nn record base

# --- libraries: the one place that may include a header that is neither C's nor the system's ---
HEADERS := jansson.h=src/base/json*.c png.h=src/base/image*.c openssl/evp.h=src/base/hash.c \
	ini.h=src/record/*.c cblas.h=src/nn/blas.c zlib.h=src/data/idx*.c curl/curl.h=src/data/fetch_http.c \
	git2.h=src/run/git_* git2/sys/repository.h=src/run/git_*.c \
	git2/sys/mempack.h=src/run/git_*.c sqlite3.h=src/run/sql_*.c \
	archive.h=src/run/archive_*.c archive_entry.h=src/run/archive_*.c \
	tensorboard.pb-c.h=src/exchange/event_code.c onnx.pb-c.h=src/exchange/onnx_* \
	curses.h=src/ui/screen*.c term.h=src/ui/screen_terminfo.c

# --- what there is ---
present := $(foreach layer,$(LAYERS),$(if $(wildcard src/$(layer)/*.c),$(layer)))
sources := $(filter-out src/cli/main.c,$(foreach layer,$(present),$(sort $(wildcard src/$(layer)/*.c))))
test_sources := $(sort $(wildcard tests/*/*_test.c))
test_scripts := $(sort $(wildcard tests/*/*_test.sh))
fuzz_sources := $(sort $(wildcard tests/fuzz/*_fuzz.c))
bench_sources := $(sort $(wildcard tests/bench/*.c))
# Messages of other tools' files; protoc-c makes C of them.
messages := $(sort $(wildcard src/*/*.proto))
message_headers := $(patsubst %.proto,$(BUILD)/messages/%.pb-c.h,$(notdir $(messages)))

object = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
archives := $(foreach layer,$(present),$(BUILD)/lib$(layer).a)
# A layer with all that it may reach, in link order.
reach = $(1) $(foreach layer,$($(1)_uses),$(call reach,$(layer)))
reachable = $(filter $(call reach,$(1)),$(present))
programs := $(patsubst %.c,$(BUILD)/%,$(test_sources) $(fuzz_sources)) $(test_scripts)
chosen = $(if $(ONLY),$(foreach path,$(1),$(if $(findstring $(ONLY),$(path)),$(path))),$(1))
tests := $(call chosen,$(filter-out $(BUILD)/tests/long/% tests/long/%,$(programs)))
long_tests := $(call chosen,$(filter $(BUILD)/tests/long/% tests/long/%,$(programs)))

# --- flags ---
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wwrite-strings -Wcast-qual -Wformat=2 -Wundef -Wvla -Wpointer-arith \
	-Wnull-dereference -Wimplicit-fallthrough
optimised := $(filter-out -O0,$(filter -O%,$(CFLAGS)))
HARDENING := -fPIE -fstack-protector-strong \
	$(if $(SANITIZE),$(SANITIZE),$(if $(optimised),-D_FORTIFY_SOURCE=2))
ALL_CFLAGS = -std=c17 -fno-math-errno -fno-common $(WARNINGS) $(if $(DEV)$(CI),-Werror) $(HARDENING) \
	-Iinclude -Itests -isystem $(BUILD)/messages $(PACKAGE_CFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(SANITIZE) $(LDFLAGS)
LIBRARIES = $(PACKAGE_LIBS) -lm -lpthread -ldl

say = $(if $(V),,@printf '%-5s %s\n' '$(1)' '$(2)')
quiet = $(if $(V),,@)

.PHONY: all demo check check-long update-screens bench install uninstall deps lint format asan fuzz clean dist size
all: $(archives) $(if $(wildcard src/cli/main.c),$(BUILD)/gander)

# The libraries' flags are asked for once. Goals that also test or run install what is missing; the
# others say so and stop. That config.mk is a makefile lets make start again once it is there.
goals := $(or $(MAKECMDGOALS),all)
ifneq ($(filter-out deps clean format size uninstall,$(goals)),)
include $(BUILD)/config.mk
$(BUILD)/config.mk: Makefile tests/tools/deps
	@CC='$(CC)' tests/tools/deps $(if $(filter demo check check-long asan bench fuzz dist,$(goals)),install,require)
	@mkdir -p $(@D)
	@tests/tools/deps config >$@
endif

# A file that changes exactly when its text does, so that what depends on it is made again when
# flags change or a source is removed.
remember = $(if $(subst x$(2)x,,x$(file <$(1))x),$(shell mkdir -p $(dir $(1)))$(file >$(1),$(2)))
ifdef PACKAGE_LIBS
$(call remember,$(BUILD)/flags,$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(LIBRARIES))
$(call remember,$(BUILD)/sources,$(sources))
endif

# --- compile and link ---
$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(quiet)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/messages/%.pb-c.h $(BUILD)/messages/%.pb-c.c: src/exchange/%.proto
	$(call say,PROTO,$<)
	@mkdir -p $(@D)
	$(quiet)protoc-c --proto_path=$(<D) --c_out=$(@D) $<

# What is generated is not held to our warnings.
$(BUILD)/messages/%.pb-c.o: $(BUILD)/messages/%.pb-c.c $(BUILD)/flags
	$(call say,CC,$<)
	$(quiet)$(CC) $(filter-out -W%,$(ALL_CFLAGS)) -w -c $< -o $@

$(call object,$(foreach message,$(messages),$(wildcard $(dir $(message))*.c))): $(message_headers)

define layer_rules
$(BUILD)/lib$(1).a: $(call object,$(filter src/$(1)/%,$(sources))) $(BUILD)/sources \
		$(patsubst src/$(1)/%.proto,$(BUILD)/messages/%.pb-c.o,$(filter src/$(1)/%,$(messages)))
	$$(call say,AR,$$@)
	@rm -f $$@
	$$(quiet)ar rcs $$@ $$(filter %.o,$$^)

# A test of a layer is linked with the whole of it and with what it may use, and nothing else: a
# call upwards is an undefined symbol.
$(BUILD)/tests/$(1)/%: $(BUILD)/obj/tests/$(1)/%.o $(patsubst %,$(BUILD)/lib%.a,$(call reachable,$(1)))
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(quiet)$$(CC) $$(ALL_CFLAGS) $$(ALL_LDFLAGS) $$< -Wl,--whole-archive $(BUILD)/lib$(1).a \
		-Wl,--no-whole-archive $$(filter %.a,$$^) -o $$@ -lcmocka $$(LIBRARIES)
endef
$(foreach layer,$(present),$(eval $(call layer_rules,$(layer))))

$(BUILD)/gander: $(BUILD)/obj/src/cli/main.o $(archives)
	$(call say,LINK,$@)
	$(quiet)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -o $@ $(LIBRARIES)

# Tests of no one layer may use all. So may the benchmark, which is one program of several files.
$(BUILD)/tests/%_test: $(BUILD)/obj/tests/%_test.o $(archives)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(quiet)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -o $@ -lcmocka $(LIBRARIES)

$(BUILD)/tests/bench: $(call object,$(bench_sources)) $(archives)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(quiet)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -o $@ -lcmocka $(LIBRARIES)

# A fuzz target defines LLVMFuzzerTestOneInput. In check it is a test: replay.c gives it each file
# of tests/fuzz/seeds/NAME, past findings among them. In fuzz the fuzzer gives it what it thinks up.
$(BUILD)/tests/fuzz/%_fuzz: $(BUILD)/obj/tests/fuzz/%_fuzz.o $(call object,tests/fuzz/replay.c) $(archives)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(quiet)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(if $(FUZZER),$(filter-out %/replay.o,$^) $(FUZZER),$^) \
		-o $@ $(LIBRARIES)

.SECONDARY:
-include $(patsubst %.o,%.d,$(call object,$(sources) src/cli/main.c $(test_sources) $(fuzz_sources) \
	tests/fuzz/replay.c $(bench_sources)))

# --- run ---
deps:
	@CC='$(CC)' tests/tools/deps install

# The dashboard on a new run; without a terminal to show it, the run alone.
demo: deps $(BUILD)/gander
	@if [ -t 0 ] && [ -t 1 ]; then \
		$(BUILD)/gander run experiments/digits.ini && exec $(BUILD)/gander dashboard @; \
	else exec $(BUILD)/gander run -f experiments/digits.ini; fi

# Tests run from here and find their program in GANDER_TEST_PROGRAM, MNIST (if given) in
# GANDER_TEST_MNIST; GANDER_TEST_SMALL=1 asks for small sizes.
run_tests = GANDER_TEST_BUILD=$(BUILD) GANDER_TEST_PROGRAM=$(abspath $(BUILD)/gander) \
	$(if $(MNIST),GANDER_TEST_MNIST=$(abspath $(MNIST))) tests/run-tests
$(call object,$(test_sources) $(fuzz_sources)): | deps

check: deps all $(tests)
	@$(run_tests) $(tests)

# The expected screens of tests/screen, written anew; ONLY=TEXT those whose name holds it.
update-screens: deps $(BUILD)/gander $(BUILD)/tests/screen/screen_test
	@GANDER_UPDATE_SCREENS=1 $(if $(ONLY),GANDER_SCREENS=$(ONLY)) $(run_tests) \
		$(BUILD)/tests/screen/screen_test

check-long: deps all $(long_tests)
	@GANDER_TEST_LIMIT=3600 $(run_tests) $(long_tests)

bench: deps $(BUILD)/tests/bench $(BUILD)/gander
	GANDER_TEST_PROGRAM=$(abspath $(BUILD)/gander) $(BUILD)/tests/bench $(ONLY)

# Under gcc's sanitizers. What libraries leak is forgiven by name, with a reason, in lsan.supp.
asan: export ASAN_OPTIONS = detect_leaks=1:detect_stack_use_after_return=1:handle_segv=2:handle_sigfpe=2
asan: export UBSAN_OPTIONS = print_stacktrace=1
asan: export LSAN_OPTIONS = suppressions=$(abspath tests/tools/lsan.supp):print_suppressions=0
asan: export GANDER_TEST_SMALL = 1
asan:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/asan CFLAGS='-O1 -g -fno-omit-frame-pointer' \
		SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all' check

fuzz: deps
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz CC=clang CFLAGS='-O1 -g' FUZZER=-fsanitize=fuzzer \
		SANITIZE='-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all' fuzz-all

fuzz-all: $(patsubst %.c,$(BUILD)/%,$(fuzz_sources))
	@tests/tools/fuzz $(FUZZ_SECONDS) $(BUILD)/corpus $^

# --- rules ---
comma := ,
space := $() $()
lint: export LINT_LAYERS = $(foreach layer,$(LAYERS),$(layer)=$(subst $(space),$(comma),$($(layer)_uses)))
lint: export LINT_HEADERS = $(HEADERS)
lint: export LINT_CACHE = $(BUILD)/lint
lint: export LINT_CFLAGS = -std=c17 $(WARNINGS) -Iinclude -Itests -isystem $(BUILD)/messages $(PACKAGE_CFLAGS)
lint: $(message_headers)
	@tests/tools/lint $(RULES)

# --- install ---
# Where bash, zsh and fish look for completion, below share/.
completions := bash-completion/completions/gander zsh/site-functions/_gander \
	fish/vendor_completions.d/gander.fish
install: $(BUILD)/gander
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man7 \
		$(DESTDIR)$(PREFIX)/share/gander/experiments \
		$(addprefix $(DESTDIR)$(PREFIX)/share/,$(dir $(completions)))
	install -m 755 $(BUILD)/gander $(DESTDIR)$(PREFIX)/bin
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/gander/experiments/pytorch experiments/pytorch/*.py
	install -m 644 $(wildcard man/*.1) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(wildcard man/*.5) $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 644 $(wildcard man/*.7) $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 644 $(wildcard experiments/*.ini) $(DESTDIR)$(PREFIX)/share/gander/experiments
	$(BUILD)/gander completion bash >$(DESTDIR)$(PREFIX)/share/$(word 1,$(completions))
	$(BUILD)/gander completion zsh >$(DESTDIR)$(PREFIX)/share/$(word 2,$(completions))
	$(BUILD)/gander completion fish >$(DESTDIR)$(PREFIX)/share/$(word 3,$(completions))

uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/share/,$(completions))
	rm -f $(DESTDIR)$(PREFIX)/bin/gander
	rm -f $(patsubst man/%.1,$(DESTDIR)$(PREFIX)/share/man/man1/%.1,$(wildcard man/*.1))
	rm -f $(patsubst man/%.7,$(DESTDIR)$(PREFIX)/share/man/man7/%.7,$(wildcard man/*.7))
	rm -f $(patsubst man/%.5,$(DESTDIR)$(PREFIX)/share/man/man5/%.5,$(wildcard man/*.5))
	rm -rf $(DESTDIR)$(PREFIX)/share/gander

# gander-0.1.0-1abc23d in a clone, gander-0.1.0 outside of one.
release = $(shell sed -n 's/.*GANDER_VERSION "\(.*\)"/\1/p' include/base/version.h)
describe = $(shell git describe --always --dirty --exclude '*' 2>/dev/null)
dist: deps $(BUILD)/gander
	@tests/tools/dist $(BUILD)/gander dist/gander-$(release)$(if $(describe),-$(describe))

format:
	clang-format -i $(wildcard include/*/*.h src/*/*.c src/*/*.h tests/*.h tests/*/*.c tests/*/*.h)

size:
	@for folder in include/* src/* tests/*/; do \
		printf '%6d  %s\n' "$$(find $$folder -name '*.[ch]' -exec cat {} + | wc -l)" "$$folder"; done

clean:
	rm -rf $(BUILD) dist
