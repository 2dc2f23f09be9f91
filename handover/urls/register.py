from django.urls import path

from handover.views import matters, register

urlpatterns = [
    path("issues/", register.issues, name="issues"),
    path("issues/capture/", register.issue_capture, name="issue_capture"),
    path("issues/digests/", matters.issue_digests, name="issue_digests"),
    path("issues/digests/<int:pk>/", matters.issue_digest, name="issue_digest"),
    path("issues/<int:pk>/", register.issue, name="issue"),
    path("issues/<int:pk>/picture/", register.issue_picture, name="issue_picture"),
    path("issues/<int:pk>/deal/", matters.issue_deal, name="issue_deal"),
    path("issues/<int:pk>/done/", matters.issue_done, name="issue_done"),
    path("issues/<int:pk>/again/", matters.issue_again, name="issue_again"),
]
