FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data
RUN useradd --create-home madang && mkdir /data && chown madang /data
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
# The key of the build signs nothing and stays in no layer.
RUN SECRET_KEY=build PRODUCTION=on DATA_DIR=/tmp/build python manage.py collectstatic --noinput && rm -r /tmp/build && chown -R madang staticfiles
USER madang
EXPOSE 8000
CMD ["uvicorn", "config.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--lifespan", "off", "--ws-per-message-deflate", "false"]
