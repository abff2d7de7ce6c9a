"""Every setting, in one file: default, then environment, then what follows from both.

`os.environ` is read here and nowhere else. With nothing set, the embedded form runs: one process, SQLite, everything
in memory that may be lost. DATABASE_URL and REDIS_URL alone turn the same code into web, worker and beat.
"""

import contextlib
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from django.utils.translation import gettext_lazy as _

# Lets `ModelAdmin[Brand]` and its like, which the type checker reads, run.
django_stubs_ext.monkeypatch()

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / ".data")))
DATA_DIR.mkdir(parents=True, exist_ok=True)


def kept_secret_key(path: Path) -> str:
    """Give this installation's own key, made at its first start and readable by its owner only."""
    with contextlib.suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()


# --- form ---------------------------------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", "")
REDIS_URL = env.str("REDIS_URL", "")
EMBEDDED = env.bool("EMBEDDED", not REDIS_URL)
PRODUCTION = env.bool("PRODUCTION", bool(DATABASE_URL and REDIS_URL))
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "") or ("" if PRODUCTION else kept_secret_key(DATA_DIR / "secret-key"))
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["*"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- apps ---------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "daphne",
    "config.apps.ConsoleConfig",
    "config.apps.HouseConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "config.apps.StaticConfig",
    "django.contrib.humanize",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "conversations",
    "routing",
    "channels_app",
    "bots",
    "reporting",
    "widget",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "config.middleware.TimeZoneMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
AUTH_USER_MODEL = "conversations.User"
LOGIN_URL = "/workspace/sign-in/"
LOGIN_REDIRECT_URL = "/workspace/"
LOGOUT_REDIRECT_URL = "/workspace/sign-in/"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- database (contracts: SQLite in WAL with IMMEDIATE transactions; PostgreSQL with a pool and no kept connections) --
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASE_URL:
    DATABASES = {"default": env.db_url("DATABASE_URL")}
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA_DIR / "madang.sqlite3")}}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-20000;"
            "PRAGMA mmap_size=134217728;PRAGMA journal_size_limit=67108864;PRAGMA temp_store=MEMORY"
        ),
    }
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    SOCKET_DB_THREADS = 1
else:
    SOCKET_DB_THREADS = env.int("SOCKET_DB_THREADS", 4)
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 2, "max_size": env.int("DB_POOL_MAX", 10), "timeout": 10},
        # Compiling a search cost 640 ms of the 750 it took over 5,000,000 messages.
        "options": "-c jit=off",
        # Statements that come again are planned once a connection: a message costs the database a quarter less.
        "server_side_binding": True,
        "prepare_threshold": 5 if env.bool("DB_PREPARED_STATEMENTS", True) else None,
    }

# SQLite leaves the columns that an index of PostgreSQL only carries along out, which costs it nothing.
SILENCED_SYSTEM_CHECKS = ["models.W040"]

# --- sockets, jobs, cache -----------------------------------------------------------------------------------------
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            # Pub/sub knows no database numbers: without a prefix, two installations on one Redis hear each other.
            "CONFIG": {"hosts": [REDIS_URL], "prefix": f"madang{urlsplit(REDIS_URL).path}"},
        }
    }
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "config.layers.LocalChannelLayer"}}
    # Past MAX_ENTRIES (300 as it comes) it throws counts of the rate limits away.
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    }
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {} if REDIS_URL else {"polling_interval": 0.01}
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_DB_REUSE_MAX = 1000
CELERY_BEAT_SCHEDULE = {
    "sweep-event-log": {"task": "conversations.tasks.relay_events", "schedule": 2.0},
    "turn-sessions-inactive": {"task": "conversations.tasks.turn_sessions_inactive", "schedule": 10.0},
    "sweep-routing": {"task": "routing.tasks.sweep", "schedule": 5.0},
    "follow-time": {"task": "routing.tasks.follow_time", "schedule": 60.0},
    "keep-promises": {"task": "routing.tasks.keep_promises", "schedule": 5.0},
    "send-scheduled": {"task": "conversations.tasks.send_scheduled", "schedule": 10.0},
    "wake-snoozed": {"task": "routing.tasks.wake_snoozed", "schedule": 30.0},
    "sweep-triggers": {"task": "routing.tasks.run_triggers", "schedule": 5.0},
    "run-automations": {"task": "routing.tasks.run_automations", "schedule": 60.0},
    "forget-firings": {"task": "routing.tasks.forget_firings", "schedule": 3600.0},
    "drop-old-decisions": {"task": "routing.tasks.drop_old", "schedule": 86_400.0},
    "tell-waiting": {"task": "routing.tasks.tell_waiting", "schedule": 5.0},
    "remind-silent": {"task": "routing.tasks.remind_silent", "schedule": 15.0},
    "close-solved": {"task": "routing.tasks.close_solved", "schedule": 600.0},
    "drop-leftovers": {"task": "conversations.tasks.drop_leftovers", "schedule": 3600.0},
}

# --- log: one line per thing done, key=value, ids and never contents -------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "WARNING")},
    # It warns that the broker in memory has no host name.
    "loggers": {"kombu.connection": {"level": "ERROR"}},
}

# --- languages, time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ko", _("Korean"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- static, media ------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [("workspace", BASE_DIR / "templates" / "workspace" / "static")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "config.storage.HashedStaticStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(DATA_DIR / "media")))

# --- limits -------------------------------------------------------------------------------------------------------
# Calls per minute of a visitor ("send", "read", "upload"), and of a network address: "session" lets somebody in,
# "hello" opens a socket, "form" sends a web form, "address" is every other call of the APIs. Many may share one.
# "api" is of one key or token.
# Of the sign-ins only wrong passwords count: for one account from one address, for one account, from one address.
RATE_LIMITS = {
    "session": 60,
    "send": 120,
    "read": 600,
    "upload": 30,
    "hello": 600,
    "address": 3000,
    "api": 600,
    "form": 20,
    "sign-in": 10,
    "sign-in-account": 100,
    "sign-in-address": 100,
}
API_RATE_LIMITS = env.str("API_RATE_LIMITS", "on") != "off"
# Reverse proxies before us that append to X-Forwarded-For; 0 trusts none.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 1 if PRODUCTION else 0)
# 50 MB as they who write to us count them: limits.attachment_size of Sunshine Conversations.
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", 50 * 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "conversations.api.errors.render_error",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Madang client API",
    "DESCRIPTION": "For end users: the widget and mobile apps alike. Errors have one shape; ids are opaque strings.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "PREPROCESSING_HOOKS": ["conversations.business.document.only_client"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "conversations.api.document.add_content_types",
    ],
    "ENUM_NAME_OVERRIDES": {"AuthorKind": "conversations.models.message.AuthorKind"},
}

# --- security -----------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("SECURE_COOKIES", PRODUCTION)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
