# make help lists the targets.
SHELL := /bin/sh
export CARGO_TERM_COLOR ?= never
NPM := npm --prefix static/src
ASSET_SOURCES := $(wildcard static/src/*.scss static/src/own/*.scss static/src/*.js static/js/*.js)

.PHONY: help run test check bench soak assets prepare

help: ## Lists the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/'

run: static/dist/.built ## Starts Waymark with the demo world on http://localhost:8080
	@scripts/need.sh postgres
	SQLX_OFFLINE=true cargo build --release --locked
	@exec ./target/release/waymark demo

test: static/dist/.built ## Runs every test
	@scripts/need.sh postgres chromium
	SQLX_OFFLINE=true cargo test --locked -- --test-threads=4

soak: static/dist/.built ## The long versions of the tests: a million requests cut off, a hundred times the cases
	@scripts/need.sh postgres chromium
	WAYMARK_STORM=1000000 PROPTEST_CASES=25600 SQLX_OFFLINE=true cargo test --release --locked -- --test-threads=4

bench: static/dist/.built ## Measures the real server beside the floor; writes target/bench.json
	@scripts/need.sh postgres wrk
	SQLX_OFFLINE=true cargo bench --locked --bench load

check: static/dist/.built ## Format, lints, prepared queries, docs
	cargo fmt --check
	SQLX_OFFLINE=true cargo clippy --locked --all-targets -- -D warnings
	SQLX_OFFLINE=true RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items

prepare: static/dist/.built ## Writes .sqlx anew from a throw-away database
	@scripts/need.sh postgres
	scripts/prepare.sh

assets: static/dist/.built ## Fetches and builds third-party styles and scripts

static/src/node_modules/.package-lock.json: static/src/package-lock.json
	@scripts/need.sh node
	$(NPM) ci --no-audit --no-fund --silent
	@touch $@

static/dist/.built: static/src/node_modules/.package-lock.json $(ASSET_SOURCES)
	@mkdir -p static/dist
	cd static/src && node_modules/.bin/sass --quiet-deps --no-source-map --style=compressed --load-path=node_modules app.scss ../dist/app.css
	cd static/src && NODE_PATH=node_modules node_modules/.bin/esbuild app.js --bundle --minify --format=esm --target=es2020 --log-level=warning --outfile=../dist/app.js
	@cp static/src/notices.txt static/dist/licences.txt
	@touch $@
