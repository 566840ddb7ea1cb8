"""Settings, all from the environment (the table is in README.md)."""

from datetime import timedelta
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from backend.config import env
from backend.config.logs import logging_for
from portals.ui.static_dirs import VENDOR_STATIC_DIRS

ROOT = Path(__file__).resolve().parents[2]
MODE = env.text("TROIKA_MODE", "embedded")
if MODE not in {"embedded", "production", "test"}:
    raise SystemExit(f"TROIKA_MODE={MODE!r} should be embedded, production or test.")
PRODUCTION = MODE == "production"
STATE_DIR = Path(env.text("TROIKA_STATE_DIR", str(ROOT / ".state")))

DEBUG = False
SECRET_KEY = env.text("SECRET_KEY", None if PRODUCTION else "an-open-key-for-the-embedded-default-only")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
BASE_DOMAIN = env.text("TROIKA_BASE_DOMAIN", "localhost")
BASE_URL = env.text("TROIKA_BASE_URL", "http://localhost:8000")
ALLOWED_HOSTS = [
    BASE_DOMAIN,
    f".{BASE_DOMAIN}",
    *env.words("ALLOWED_HOSTS", "" if PRODUCTION else "127.0.0.1,testserver"),
]

# --- applications ------------------------------------------------------------------------------
SHARED_APPS = [
    "django_tenants",
    "tenants",
    "backend.kernel.outbox",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "rest_framework",
    "drf_spectacular",
    "portals.ui",
    "portals.public",
    "portals.staff",
    "portals.supplier",
    "portals.customer",
    "backend.processes",
    "backend.posting",
    "backend.reporting",
    "backend.api",
]
TENANT_APPS = [
    "backend.kernel",
    "backend.parties",
    "backend.access",
    "backend.catalog",
    "backend.workflow",
    "backend.accounting",
    "backend.inventory",
    "backend.logistics",
    "backend.availability",
    "backend.invoicing",
    "backend.sales",
    "backend.purchasing",
    "backend.production",
    "backend.service",
    "backend.srm",
    "backend.imports",
]
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS]
TENANT_MODEL = "tenants.Tenant"
TENANT_DOMAIN_MODEL = "tenants.Domain"
AUTH_USER_MODEL = "tenants.Identity"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
TENANT_LIMIT_SET_CALLS = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- database, cache, broker -------------------------------------------------------------------
_database = env.address("DATABASE_URL", "postgresql://troika:troika@127.0.0.1:5432/troika")
DATABASES = {
    "default": {
        "ENGINE": "django_tenants.postgresql_backend",
        "NAME": _database.path.lstrip("/"),
        "USER": _database.user,
        "PASSWORD": _database.password,
        "HOST": _database.host,
        "PORT": _database.port or 5432,
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": {
            **{key: value for key, value in _database.query.items() if key in {"sslmode", "sslrootcert"}},
            "application_name": env.text("TROIKA_PROCESS", "troika"),
            # Values travel beside the statement and hot statements are prepared: half the time of a busy
            # transaction was parsing and planning. PostgreSQL plans them anew when the search path changes.
            "server_side_binding": True,
            "prepare_threshold": 5,
            "pool": False
            if MODE == "test"
            else {
                "min_size": 1,
                "max_size": env.number("DATABASE_POOL_SIZE", 8),
                "timeout": 10,
                "max_lifetime": 1800,
            },
        },
    }
}
REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379").rstrip("/")
CACHES = {
    "default": {
        "BACKEND": "backend.kernel.cache.Cache",
        "LOCATION": f"{REDIS_URL}/1",
        "KEY_FUNCTION": "backend.kernel.tenancy.cache_key",
        "TIMEOUT": 300,
    },
    "installation": {  # what all companies share: no schema in its keys, no company's data in its values
        "BACKEND": "backend.kernel.cache.Cache",
        "LOCATION": f"{REDIS_URL}/1",
        "KEY_PREFIX": "installation",
        "TIMEOUT": 300,
    },
}
CELERY_BROKER_URL = f"{REDIS_URL}/0"
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 12 * 3600, "global_keyprefix": "troika:"}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "troika"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = {
    "sweep-the-outbox": {
        "task": "backend.kernel.outbox.tasks.sweep_outbox",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5},
    },
    "keep-the-pool-of-spare-schemas-full": {
        "task": "tenants.tasks.fill_pool",
        "schedule": timedelta(seconds=60),
        "options": {"expires": 60},
    },
    "lay-sample-data-that-wait": {
        "task": "tenants.tasks.lay_waiting_sample_data",
        "schedule": timedelta(seconds=20),
        "options": {"expires": 20},
    },
    "forget-what-is-over": {"task": "tenants.tasks.forget_what_is_over", "schedule": timedelta(hours=1)},
    "expire-trials": {"task": "tenants.tasks.expire_trials", "schedule": timedelta(minutes=10)},
    "look-at-suppliers": {"task": "backend.srm.tasks.look_at_suppliers_everywhere", "schedule": timedelta(hours=6)},
    "look-around": {"task": "backend.processes.tasks.look_around_everywhere", "schedule": timedelta(hours=1)},
}

# --- web ---------------------------------------------------------------------------------------
ROOT_URLCONF = "backend.config.urls_tenant"
PUBLIC_SCHEMA_URLCONF = "backend.config.urls_public"
WSGI_APPLICATION = "backend.config.wsgi.application"
MIDDLEWARE = [
    "backend.config.middleware.HealthMiddleware",
    "backend.config.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "backend.config.middleware.TenantMiddleware",
    "portals.ui.middleware.ContentSecurityPolicyMiddleware",
    "tenants.sessions.FaceSessionMiddleware",
    "tenants.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tenants.middleware.MembershipMiddleware",
    "tenants.middleware.ReadOnlyMiddleware",
    "portals.ui.middleware.RefusalMiddleware",
    "portals.ui.middleware.PlainTextMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "portals.ui.context.shell",
            ],
        },
    }
]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = PRODUCTION and env.flag("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31536000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SESSION_ENGINE = "tenants.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "troika_csrf"
CSRF_FAILURE_VIEW = "portals.ui.errors.csrf_failure"
PORTAL_PAGES = {"supplier": "portals.supplier.frame.page", "customer": "portals.customer.frame.page"}
REFUSAL_PAGE = "portals.ui.errors.refusal_response"
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- identity ----------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["tenants.identity.IdentityBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if MODE == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# --- language, time, static files --------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [
    ROOT / part / "locale"
    for part in (
        "backend",
        "tenants",
        "portals/ui",
        "portals/staff",
        "portals/supplier",
        "portals/customer",
        "portals/public",
    )
]
LANGUAGE_COOKIE_NAME = "troika_language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = VENDOR_STATIC_DIRS
STATICFILES_FINDERS = [
    "portals.ui.finders.VendorFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
WHITENOISE_USE_FINDERS = MODE == "test"
WHITENOISE_MAX_AGE = 60 if MODE != "production" else 31536000
STORAGES = {
    "default": {"BACKEND": "backend.kernel.storage.TenantStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE == "test"
        else "backend.kernel.storage.HashedStatic"
    },
}
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(STATE_DIR / "files")))

# --- mail --------------------------------------------------------------------------------------
_mail = env.address("EMAIL_URL", f"file://{STATE_DIR}/mail")
EMAIL_BACKEND = {
    "file": "django.core.mail.backends.filebased.EmailBackend",
    "console": "django.core.mail.backends.console.EmailBackend",
    "smtp": "django.core.mail.backends.smtp.EmailBackend",
}[_mail.scheme]
EMAIL_FILE_PATH = _mail.path if _mail.scheme == "file" else None
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS = _mail.query.get("tls") == "1"
EMAIL_TIMEOUT = 10
MAIL_AT_ONCE = MODE == "test"
PASSWORD_RESET_TIMEOUT = 3600
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"Troika <no-reply@{BASE_DOMAIN}>")

# --- payment -----------------------------------------------------------------------------------
STRIPE_API_KEY = env.text("STRIPE_API_KEY", "" if not PRODUCTION else None)
STRIPE_WEBHOOK_SECRET = env.text("STRIPE_WEBHOOK_SECRET", "" if not PRODUCTION else None)
STRIPE_API_BASE = env.text("STRIPE_API_BASE", "")
TRIAL_DAYS = 15
DEMO_PASSWORD = env.text("TROIKA_DEMO_PASSWORD", "three horses one direction")
SPARE_SCHEMAS = env.number("TROIKA_SPARE_SCHEMAS", 3)

# --- API ---------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["backend.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "backend.api.errors.handle_exception",
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Troika API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "POSTPROCESSING_HOOKS": ["backend.api.schema.close_bodies", "backend.api.schema.describe_refusals"],
}

LOGGING = logging_for(style=env.text("TROIKA_LOG", "json" if PRODUCTION else "console"))
SILENCED_SYSTEM_CHECKS = ["django_tenants.W003"]
