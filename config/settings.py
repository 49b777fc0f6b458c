"""Every setting, in the order a reader asks. Differences between machines are environment variables."""

from urllib.parse import quote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.connections import broker_url, database, mail, pooled
from config.connections_inbound import mailbox, posting, reply_address
from config.enum_names import ENUM_NAMES
from config.env import env, env_bool, env_int, env_list, prefixed
from config.logs import logging_for
from config.places import BASE_DIR, VAR_DIR, secret, socket_dir
from config.push import push
from config.schedule import SCHEDULE

# --- identity -----------------------------------------------------------------------------------
EMBEDDED = not env("DATABASE_URL", "")
EMBEDDED_BROKER = not env("REDIS_URL", "")
DEBUG = env_bool("DEBUG", False)
BASE_URL = env("BASE_URL", f"http://127.0.0.1:{env('PORT', '8000')}").rstrip("/")
HTTPS = BASE_URL.startswith("https://")
SECRET_KEY = secret("SECRET_KEY", make=EMBEDDED)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", f"localhost,127.0.0.1,[::1],{urlsplit(BASE_URL).hostname}")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
if not urlsplit(BASE_URL).hostname or urlsplit(BASE_URL).scheme not in {"http", "https"}:
    raise ImproperlyConfigured("BASE_URL must be a full address, for example https://zanjar.example.com.")

# --- apps ---------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",
    "lib",
    "accounts",
    "ledger",
    "mailroom",
    "disputes",
    "collections_app",
    "chat",
    "reporting",
    "demo",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "config.staticfiles.Collected",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "anymail",
    "channels",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "lib.request_id.RequestIdMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.bounds.RefuseOversized",
    "accounts.idempotency.IdempotencyMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.PersonMiddleware",
]

# --- web ----------------------------------------------------------------------------------------
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "accounts.context.shell",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "lib.templatetags.zanjar"],
        },
    }
]
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.staticfiles.HashedFiles"},
}
MEDIA_ROOT = VAR_DIR / "files"
DROP_DIR = VAR_DIR / env("DROP_DIR", "drop")
MAX_UPLOAD_BYTES = env_int("MAX_UPLOAD_MB", 100) * 1024 * 1024
EVIDENCE_MAX_BYTES = env_int("EVIDENCE_MAX_MB", 25) * 1024 * 1024
CLAMD_URL = env("CLAMD_URL", "")
if CLAMD_URL and urlsplit(CLAMD_URL).scheme not in {"tcp", "unix"}:
    raise ImproperlyConfigured("CLAMD_URL must be tcp://host:3310 or unix:///path/of/clamd.ctl.")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 50
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o640

# --- database -----------------------------------------------------------------------------------
_database = {
    "ENGINE": "django.db.backends.postgresql",
    "ATOMIC_REQUESTS": False,
    "CONN_MAX_AGE": 600,
    "CONN_HEALTH_CHECKS": True,
    **database(env("DATABASE_URL", ""), socket_dir()),
}
DATABASES = {"default": pooled(_database, env_int("DB_POOL", 0))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- real time and jobs ---------------------------------------------------------------------------
REDIS_URL = env("REDIS_URL", "") or f"unix://{quote(str(socket_dir() / 'valkey.sock'))}?db=0"
_redis_cache = "django.core.cache.backends.redis.RedisCache"
CACHES = {"default": {"BACKEND": _redis_cache, "LOCATION": REDIS_URL, "KEY_PREFIX": "zanjar", "TIMEOUT": 300}}
CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker that is away for long is still waited for
# Unacknowledged tasks come back after this many seconds; no task runs nearly that long.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 900}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "zanjar"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = SCHEDULE

# --- people -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "config.adapters.InvitedOnly"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip,5/5m/key"}
DEMO_LOGINS = env_bool("DEMO_LOGINS", EMBEDDED)
SESSION_COOKIE_AGE = 14 * 24 * 3600

# --- mail ---------------------------------------------------------------------------------------
EMAIL_URL = env("EMAIL_URL", "") or "file:"
EMAIL_FILE_PATH = VAR_DIR / "mail"
_mail = mail(EMAIL_URL)
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = _mail.backend, _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL, EMAIL_TIMEOUT = _mail.starttls, _mail.tls, 20
# SMS: any address of the library apprise, with {to} where the number goes; files beside the mails without one.
SMS_URL = env("SMS_URL", "")
if SMS_URL and "{to}" not in SMS_URL:
    raise ImproperlyConfigured("SMS_URL needs {to} where the number goes: twilio://SID:token@+34.../{to}")
PAY_SANDBOX = env_bool("PAY_SANDBOX", EMBEDDED)
POST_URL = posting(env("POST_URL", ""))
# Hosts of messengers in our own network that people may name.
BRIDGE_HOSTS = env_list("BRIDGE_HOSTS", "")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("MAIL_FROM", "Zanjar <zanjar@localhost>")
MAILBOX = mailbox(env("IMAP_URL", ""))
REPLY_ADDRESS = reply_address(env("REPLY_ADDRESS", ""), EMAIL_URL)
INBOUND_MAX_BYTES = env_int("INBOUND_MAX_MB", 35) * 1024 * 1024
INBOUND_KEEP_DAYS = env_int("INBOUND_KEEP_DAYS", 365)
MAIL_FOLDER = EMAIL_FILE_PATH / "in"
# Webhooks of mail providers: every ANYMAIL_ variable is anymail's setting of that name.
ANYMAIL = {"WEBHOOK_SECRET": env("ANYMAIL_WEBHOOK_SECRET", "")} | prefixed("ANYMAIL_")

# --- notifications pushed to browsers and phones ----------------------------------------------------
_push = push(embedded=EMBEDDED, base_url=BASE_URL, sender=DEFAULT_FROM_EMAIL)
VAPID_PRIVATE_KEY, VAPID_PUBLIC_KEY = _push.private_key, _push.public_key
VAPID_SUBJECT, PUSH_INSIDE = _push.subject, _push.inside

# --- API ----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "lib.http.NewestFirst",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": ["lib.throttle.PerPerson"],
    "DEFAULT_THROTTLE_RATES": {"user": env("API_RATE", "1200/min")},
    "EXCEPTION_HANDLER": "lib.http.handle_exception",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Zanjar",
    "DESCRIPTION": "Everything a screen does, the API does.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- language and time ------------------------------------------------------------------------------
LANGUAGE_CODE = "es"
LANGUAGES = [("es", _("Spanish")), ("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = False

# --- security -----------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS

# --- logging ------------------------------------------------------------------------------------
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"

DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10  # the line at a request's end says it all
LOGGING_CONFIG = "config.logs.configure"
LOGGING = logging_for(
    level=env("LOG_LEVEL", "INFO"), form=env("LOG_FORMAT", "console" if EMBEDDED else "json")
)
